// What a Bulkhead process plugin speaks: the methods, both directions, in one file. docs/reference/process-protocol.md
// tells the same in prose.

import { actionNamePattern } from '@bulkhead/kernel'
import { z } from 'zod'
import { anyJson, defineMethod, defineNotice, shortArray } from '../jsonrpc/method.ts'

/** Versions of this dialect that the host speaks. */
export const dialectVersions = { oldest: 1, newest: 1 } as const
/** The error code with which a plugin says that it speaks none of them. */
export const noCommonVersion = -32_001

const shortText = z.string().max(200)
const identity = z.object({ name: shortText, version: shortText })
const versions = z.strictObject({ oldest: z.int().min(1), newest: z.int().min(1) })
const jsonSchema = z.union([
  z.boolean(),
  z.custom<{ readonly [key: string]: z.output<typeof anyJson> }>(
    (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
    'has to be a JSON Schema',
  ),
])
const levels = ['trace', 'debug', 'info', 'warn', 'error'] as const

/** Host → plugin: first of all. Until it is answered, the plugin says nothing else. */
export const initialize = defineMethod(
  'initialize',
  z.strictObject({
    protocolVersion: versions,
    host: identity,
    plugin: identity,
    /** Host functions that this plugin may try to call. */
    functions: z.array(z.string()),
    config: z.record(z.string(), z.string()),
    limits: z.strictObject({ maxLineBytes: z.int(), maxDepth: z.int(), maxCallsIn: z.int() }),
  }),
  z.object({ protocolVersion: z.int(), plugin: identity }),
)

const listedAction = z.object({
  name: z
    .string()
    .regex(actionNamePattern, 'is not an action name')
    .refine((name) => name !== '__proto__', 'is not an action name'),
  description: z.string().max(4096).optional(),
  input: jsonSchema.optional(),
  output: jsonSchema.optional(),
})

/** Host → plugin: what can be called. An array, so that no name is a key before it was checked. */
export const listActions = defineMethod(
  'action/list',
  z.strictObject({}),
  z.object({
    actions: shortArray(listedAction, 256),
  }),
)

/** Host → plugin: one call. `deadlineMs` is the time that is left, ms from the moment it is read. */
export const callAction = defineMethod(
  'action/call',
  z.strictObject({ callId: z.string(), action: z.string(), input: anyJson, deadlineMs: z.number() }),
  z.object({ output: anyJson }),
)

/** Host → plugin: whether it is alive. */
export const ping = defineMethod('ping', z.strictObject({}), z.object({}))

/** Host → plugin: finish. The host closes the plugin's input after the answer. */
export const shutdown = defineMethod('shutdown', z.strictObject({}), anyJson)

/** Plugin → host: a host function, for a call that is under way. */
export const hostCall = defineMethod(
  'host/call',
  z.strictObject({ callId: shortText, function: shortText, input: anyJson.optional() }),
  z.object({ output: anyJson }),
)

/** Plugin → host: a line for the log. */
export const log = defineNotice(
  'log',
  z.strictObject({ level: z.enum(levels), message: z.string(), callId: shortText.optional() }),
)
