// The four shapes of JSON-RPC 2.0 (https://www.jsonrpc.org/specification), one schema each, and the reading of a line.
// Batches are refused: they only make one message out of many, and MCP dropped them as well.

import { BulkheadError, escapeLine, type Json, parseJson } from '@bulkhead/kernel'
import { z } from 'zod'
import type { JsonRpcBounds } from './bounds.ts'
import { repeatsKey } from './unique-keys.ts'

/** Error codes of the specification, and `cancelled` as the Language Server Protocol has it. */
export const rpcCodes = {
  parse: -32_700,
  invalidRequest: -32_600,
  methodNotFound: -32_601,
  invalidParams: -32_602,
  internal: -32_603,
  /** A failure with a Bulkhead code in `data`. */
  failed: -32_000,
  cancelled: -32_800,
} as const

/** A call's id as a peer may choose it. Numbers beyond 2^53 are refused: two of them may be one after parsing. */
const peerId = z.union([z.string().min(1).max(128), z.int()])
/** The id of a call. */
export type RpcId = z.output<typeof peerId>

const methodName = z.string().regex(/^[$A-Za-z][\w$./-]{0,127}$/, 'is not a method name')
/** By name only: positional parameters have no schema that a reader could check against the reference. */
const params = z.custom<{ readonly [key: string]: Json }>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'has to be an object',
)
const json = z.custom<Json>((value) => value !== undefined, 'is missing')
const version = z.literal('2.0')

const rpcError = z.strictObject({
  code: z.int(),
  message: z.string(),
  data: json.optional(),
})
/** The error member of an answer. */
export type RpcError = z.output<typeof rpcError>

const request = z.strictObject({ jsonrpc: version, id: peerId, method: methodName, params: params.optional() })
const notification = z.strictObject({ jsonrpc: version, method: methodName, params: params.optional() })
const result = z.strictObject({ jsonrpc: version, id: peerId, result: json })
/** `id: null`: the peer could not read what it answers. */
const failure = z.strictObject({ jsonrpc: version, id: peerId.nullable(), error: rpcError })

/** A message that came from a peer. */
export type RpcMessage =
  | { readonly kind: 'request'; readonly message: z.output<typeof request> }
  | { readonly kind: 'notification'; readonly message: z.output<typeof notification> }
  | { readonly kind: 'result'; readonly message: z.output<typeof result> }
  | { readonly kind: 'failure'; readonly message: z.output<typeof failure> }

// A byte order mark stays and is then no JSON: it would be the first character of every file that somebody pipes in.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads the bytes of one line. A carriage return before the newline is white space in JSON and passes.
 *
 * @throws BulkheadError `input.not-json` where the line is no JSON at all, else `protocol.violation`
 */
export const readMessage = (bytes: Uint8Array, bounds: JsonRpcBounds): RpcMessage => {
  let text: string
  try {
    text = utf8.decode(bytes)
  } catch (cause) {
    throw new BulkheadError('protocol.violation', 'a line is not UTF-8', { cause })
  }
  const value = parseLine(text, bounds)
  if (typeof value !== 'object' || value === null) throw violation('a line holds no object')
  if (Array.isArray(value)) throw violation('a batch was sent; batches are not spoken here')
  if (repeatsKey(text, value)) throw violation('a message repeats a key')
  const has = (key: string): boolean => Object.hasOwn(value, key)
  if (has('method')) {
    return has('id')
      ? { kind: 'request', message: check(request, value, 'a request') }
      : { kind: 'notification', message: check(notification, value, 'a notification') }
  }
  return has('error')
    ? { kind: 'failure', message: check(failure, value, 'an answer') }
    : { kind: 'result', message: check(result, value, 'an answer') }
}

const parseLine = (text: string, { maxLineBytes, maxDepth, maxMembers }: JsonRpcBounds): Json => {
  try {
    return parseJson(text, 'a line', { maxLength: maxLineBytes, maxDepth, maxMembers })
  } catch (thrown) {
    if (!(thrown instanceof BulkheadError) || thrown.code === 'input.not-json') throw thrown
    throw new BulkheadError('protocol.violation', thrown.message, { cause: thrown })
  }
}

const check = <Schema extends z.ZodType>(schema: Schema, value: unknown, what: string): z.output<Schema> => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw violation(`${what} is malformed: ${escapeLine(describeIssues(parsed.error))}`)
}

const violation = (message: string): BulkheadError => new BulkheadError('protocol.violation', message)

/** The first few faults on one line. Names of members are the peer's, so whoever shows it escapes it. */
export const describeIssues = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, 3)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join('.')}: ${message}`))
    .join('; ')
    .slice(0, 500)

/** A message of ours. */
export type SentMessage =
  | { readonly id: RpcId; readonly method: string; readonly params: Json }
  | { readonly method: string; readonly params: Json }
  | { readonly id: RpcId; readonly result: Json }
  | { readonly id: RpcId | null; readonly error: RpcError }

/**
 * Writes a message as one line with its newline. JSON.stringify escapes newlines and lone surrogates.
 *
 * @throws BulkheadError `input.invalid` for what JSON cannot hold, `input.too-large` past `maxLineBytes`
 */
export const writeMessage = (message: SentMessage, maxLineBytes: number): Uint8Array => {
  let text: string
  try {
    text = JSON.stringify({ jsonrpc: '2.0', ...message })
  } catch (cause) {
    throw new BulkheadError('input.invalid', `a message cannot be written as JSON: ${(cause as Error).message}`, {
      cause,
    })
  }
  const bytes = Buffer.from(`${text}\n`, 'utf8')
  if (bytes.length - 1 <= maxLineBytes) return bytes
  throw new BulkheadError(
    'input.too-large',
    `a message has ${bytes.length - 1} bytes; at most ${maxLineBytes} fit into a line`,
  )
}
