// The one wire format between the host and a cell: call, reply, error, cancel, chunk, credit, end, and log. Plain data
// only. Everything is parsed when it arrives, for one end may be a process that a guest has taken over.
//
// Both ends may call. An id belongs to the end that made the call, a stream to the end that sends it.

import type { LogLevel } from '@bulkhead/kernel'
import { BulkheadError, isErrorCode, type Json, type JsonObject, type WireError } from '@bulkhead/kernel/wire'

/** Text or bytes; what is longer than {@link inlineBytes} follows as a stream of chunks. */
export type Part = string | Uint8Array | StreamReference

/** Announces a stream that the sender of the message will send. */
export interface StreamReference {
  readonly stream: number
  /** Bytes that will follow. */
  readonly length: number
  /** Whether the bytes are UTF-8 text. */
  readonly text: boolean
}

/** What a call or a reply carries: a JSON text with byte strings beside it, or raw bytes. */
export type WireContent =
  | { readonly kind: 'value'; readonly json: Part; readonly blobs: readonly Part[] }
  | { readonly kind: 'raw'; readonly bytes: Part }

interface CallOrReply<Type extends 'call' | 'reply'> {
  readonly type: Type
  readonly id: number
  readonly head: JsonObject
  readonly content: WireContent
  /** At the sender alone: nobody else holds the byte strings, so that they may change hands. */
  readonly owned?: boolean
}

/** One message. */
export type Message =
  | CallOrReply<'call'>
  | CallOrReply<'reply'>
  | { readonly type: 'error'; readonly id: number; readonly error: WireError; readonly head?: JsonObject }
  | { readonly type: 'cancel'; readonly id: number }
  | { readonly type: 'chunk'; readonly stream: number; readonly bytes: Uint8Array }
  | { readonly type: 'end'; readonly stream: number }
  | { readonly type: 'credit'; readonly stream: number; readonly bytes: number }
  | { readonly type: 'log'; readonly id: number; readonly level: LogLevel; readonly message: string }

/** Parts up to this many bytes (or UTF-16 units) travel inside their message. */
export const inlineBytes = 4 * 1024 * 1024
/** A reply that carries more is acknowledged with `cancel` once it was taken; what is less piles up to little. */
export const unacknowledgedBytes = 4096
/** Byte strings beside one JSON text. */
export const mostBlobs = 100_000
/** Bytes of a head, or of an error with its head, as text: parsed, a list of empty lists takes a dozen times its length. */
export const mostHeadLength = 256 * 1024
/** Bytes of a log line's text: a cell that is sound cuts its lines far below. */
export const mostLogTextBytes = 1024 * 1024
/** Bytes of one chunk. */
export const chunkBytes = 1024 * 1024
/** Bytes that may be on their way on one stream before its receiver grants more. */
export const windowBytes = 4 * 1024 * 1024

/** Bytes (or UTF-16 units) that a content announces. */
export const contentLength = (content: WireContent): number =>
  content.kind === 'raw'
    ? content.bytes.length
    : content.blobs.length === 0
      ? content.json.length
      : content.blobs.reduce((sum, blob) => sum + blob.length, content.json.length)

const logLevels: readonly string[] = ['trace', 'debug', 'info', 'warn', 'error'] satisfies LogLevel[]

type Fields = Record<string, unknown>

const malformed = (what: string): BulkheadError =>
  new BulkheadError('host.internal', `a message between host and cell is malformed: ${what}`)

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

const parseCount = (value: unknown, what: string): number => {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw malformed(what)
  return value
}

const parseBytes = (value: unknown, what: string): Uint8Array => {
  if (!isBytes(value)) throw malformed(what)
  return value
}

/** Shared bytes could still change after they were checked. */
const isBytes = (value: unknown): value is Uint8Array =>
  value instanceof Uint8Array && !(value.buffer instanceof SharedArrayBuffer)

const parsePart = (value: unknown): Part => {
  if (typeof value === 'string' || isBytes(value)) return value
  if (!isFields(value) || typeof value.text !== 'boolean') throw malformed('part')
  return { stream: parseCount(value.stream, 'stream'), length: parseCount(value.length, 'length'), text: value.text }
}

const parseContent = (value: unknown): WireContent => {
  if (!isFields(value)) throw malformed('content')
  if (value.kind === 'raw') return { kind: 'raw', bytes: parsePart(value.bytes) }
  if (value.kind !== 'value' || !Array.isArray(value.blobs) || value.blobs.length > mostBlobs)
    throw malformed('content')
  return { kind: 'value', json: parsePart(value.json), blobs: value.blobs.map(parsePart) }
}

const parseHead = (value: unknown): JsonObject => {
  if (!isFields(value)) throw malformed('head')
  return value as Record<string, Json>
}

/** What crosses between threads need not be JSON: it may lead in a circle, or hold what no text can say. */
const isJson = (value: unknown, depth: number): boolean => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object' || depth > 64) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false
  return Object.values(value).every((member) => isJson(member, depth + 1))
}

const parseError = (value: unknown): WireError => {
  if (!isFields(value) || !isErrorCode(value.code) || typeof value.message !== 'string') throw malformed('error')
  return {
    code: value.code,
    message: value.message,
    ...(typeof value.hint === 'string' ? { hint: value.hint } : {}),
    ...(isFields(value.details) && isJson(value.details, 0) ? { details: value.details as Record<string, Json> } : {}),
    ...(typeof value.id === 'string' ? { id: value.id } : {}),
  }
}

/** Parses what arrived. @throws BulkheadError `host.internal` for anything that is not a message */
export const parseMessage = (value: unknown): Message => {
  if (!isFields(value)) throw malformed('not an object')
  switch (value.type) {
    case 'call':
    case 'reply':
      return {
        type: value.type,
        id: parseCount(value.id, 'id'),
        head: parseHead(value.head),
        content: parseContent(value.content),
      }
    case 'error':
      return {
        type: 'error',
        id: parseCount(value.id, 'id'),
        error: parseError(value.error),
        head: value.head === undefined ? {} : parseHead(value.head),
      }
    case 'cancel':
      return { type: 'cancel', id: parseCount(value.id, 'id') }
    case 'chunk':
      return { type: 'chunk', stream: parseCount(value.stream, 'stream'), bytes: parseBytes(value.bytes, 'bytes') }
    case 'end':
      return { type: 'end', stream: parseCount(value.stream, 'stream') }
    case 'credit':
      return { type: 'credit', stream: parseCount(value.stream, 'stream'), bytes: parseCount(value.bytes, 'bytes') }
    case 'log':
      if (typeof value.level !== 'string' || !logLevels.includes(value.level) || typeof value.message !== 'string') {
        throw malformed('log')
      }
      return {
        type: 'log',
        id: parseCount(value.id, 'id'),
        level: value.level as LogLevel,
        message: value.message,
      }
    default:
      throw malformed('unknown type')
  }
}
