// What a guest asks for, before anybody decides: which function, with which input, within which caps.

import type { ZodError } from 'zod'
import { BulkheadError } from '../errors.ts'
import type { AnyHostFunction } from '../function/host-function.ts'
import type { FunctionTable } from '../function/table.ts'
import { defaultJsonCaps, type JsonCaps } from '../json.ts'
import type { CallContext } from './context.ts'
import { issuesOfInput } from './input-issues.ts'
import { type Payload, unpackPayload } from './payload.ts'

/** A schema may make an issue of each member, at some microseconds and a kilobyte apiece: members are bounded too. */
const inputCaps: JsonCaps = { ...defaultJsonCaps, maxDepth: 128, maxMembers: 250_000 }

/**
 * Reads the input of a host function: parsed, checked, frozen, so that what was checked is what is run.
 * @throws BulkheadError `input.*`
 */
export const readInput = (fn: AnyHostFunction, payload: Payload): unknown => {
  const value = unpackPayload(payload, `the input of ${fn.name}`, inputCaps)
  const parsed = fn.input.safeParse(value)
  if (!parsed.success) throw invalidInput(fn, value, parsed.error)
  return deepFreeze(parsed.data)
}

/** The error for a name that is none of the table's. */
export const unknownFunction = (functions: FunctionTable, name: string): BulkheadError =>
  new BulkheadError('function.unknown', `there is no host function "${name.slice(0, 100)}"`, {
    hint: functions.nearestHint(name),
  })

/** The error for one host call too many. */
export const hostCallsExceeded = ({ principal, limits }: CallContext): BulkheadError =>
  new BulkheadError('limit.host-calls', `${principal.name} made more than ${limits.hostCalls} host calls in one call`)

const invalidInput = (fn: AnyHostFunction, value: unknown, error: ZodError): BulkheadError => {
  const found = issuesOfInput(fn.input, value, error.issues)
  const near = [...new Set(found.flatMap((issue) => issue.near))]
  const issues = found.map(({ path, message }) => ({ path, message }))
  return new BulkheadError(
    'input.invalid',
    `${fn.name}: ${issues.map((issue) => (issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`)).join('; ')}`,
    { details: { issues }, ...(near.length === 0 ? {} : { hint: `Did you mean ${near.slice(0, 3).join(' or ')}?` }) },
  )
}

/** Freezes plain objects and arrays (not byte strings). */
const deepFreeze = <T>(value: T): T => {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || Object.isFrozen(value)) return value
  for (const key of Object.keys(value)) deepFreeze((value as Record<string, unknown>)[key])
  return Object.freeze(value)
}
