// The part of the Model Context Protocol that a client for tools needs, in two revisions: 2025-11-25 (a handshake, then
// calls) and 2026-07-28 (no handshake, every request says who asks). Shapes after the published schemas, revision by
// revision: https://modelcontextprotocol.io/specification. Servers of many languages write absent members as null.

import type { Json } from '@bulkhead/kernel'
import { z } from 'zod'
import { anyJson, defineMethod, defineNotice, shortArray } from '../jsonrpc/method.ts'
import type { CancelWords } from '../jsonrpc/options.ts'

/** The stateless revision. */
export const modernRevision = '2026-07-28'
/** Revisions with a handshake, newest first. What a tool is has not changed between them. */
export const legacyRevisions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const

/** Errors by which a server shows that it speaks the stateless revision. */
export const modernErrors = {
  headerMismatch: -32_020,
  missingCapability: -32_021,
  unsupportedVersion: -32_022,
} as const

/** How MCP says that a call is cancelled. */
export const mcpCancel: CancelWords = { method: 'notifications/cancelled', idKey: 'requestId' }

const object = z.custom<{ readonly [key: string]: Json }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'has to be an object',
)
const identity = z.object({ name: z.string().max(200), version: z.string().max(200) })
/** What every request of the stateless revision carries. */
const meta = z.record(z.string(), anyJson)
const withMeta = { _meta: meta.optional() }

export const discover = defineMethod(
  'server/discover',
  z.strictObject(withMeta),
  z.object({
    supportedVersions: shortArray(z.string().max(64), 64),
    capabilities: object,
    _meta: z.object({ 'io.modelcontextprotocol/serverInfo': identity.optional().catch(undefined) }).nullish(),
  }),
)

export const initialize = defineMethod(
  'initialize',
  z.strictObject({ protocolVersion: z.string(), capabilities: z.strictObject({}), clientInfo: identity }),
  z.object({ protocolVersion: z.string().max(64), capabilities: object, serverInfo: identity }),
)
export const initialized = defineNotice('notifications/initialized', z.strictObject({}))

export const mcpPing = defineMethod('ping', z.looseObject({}), z.object({}))
export const setLogLevel = defineMethod('logging/setLevel', z.strictObject({ level: z.string() }), z.object({}))

const tool = z.object({
  name: z.string().max(1024),
  description: z.string().nullish(),
  inputSchema: z.looseObject({ type: z.literal('object') }),
  outputSchema: object.nullish(),
})
/** Tools of a server, all pages together. */
export const maxTools = 1000

/** A tool as a server lists it. Its annotations are not even read: they are the server's own word on its risk. */
export type ListedTool = z.output<typeof tool>

export const listTools = defineMethod(
  'tools/list',
  z.strictObject({ cursor: z.string().optional(), ...withMeta }),
  z.object({ tools: shortArray(tool, maxTools), nextCursor: z.string().max(4096).nullish() }),
)

export const callTool = defineMethod(
  'tools/call',
  z.strictObject({ name: z.string(), arguments: object, ...withMeta }),
  z.object({ resultType: z.string().max(64).nullish(), isError: z.boolean().nullish() }).and(object),
)

const text = { mimeType: z.string().max(200).nullish() }
const resource = z.object({ uri: z.string(), text: z.string().nullish(), blob: z.base64().nullish(), ...text })
/** The blocks of a tool's output. What else a block carries (annotations, `_meta`) is left out. */
const block = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('image'), data: z.base64(), mimeType: z.string().max(200) }),
  z.object({ type: z.literal('audio'), data: z.base64(), mimeType: z.string().max(200) }),
  z.object({ type: z.literal('resource_link'), uri: z.string(), name: z.string(), ...text }),
  z.object({ type: z.literal('resource'), resource }),
])
/** A complete output. */
export const toolOutput = z.object({
  content: shortArray(block, 10_000).nullish(),
  structuredContent: anyJson.optional(),
})

export const logMessage = defineNotice(
  'notifications/message',
  z.object({ level: z.string().max(32), logger: z.string().max(200).nullish(), data: anyJson.optional() }),
)
export const toolsChanged = defineNotice('notifications/tools/list_changed', z.looseObject({}))
