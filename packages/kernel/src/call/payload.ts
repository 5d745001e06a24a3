// How values cross the wire between a cell and the host: JSON text, with byte strings beside it so that they are
// neither escaped nor copied twice. `{"$blob": 0}` in the text stands for `blobs[0]`.

import { BulkheadError } from '../errors.ts'
import { type Json, type JsonCaps, parseJson } from '../json.ts'

/** A value on the wire. `blobs` is absent when the JSON refers to none. */
export interface Payload {
  readonly json: string
  readonly blobs?: readonly Uint8Array[]
}

/** A JSON value whose leaves may also be byte strings. */
export type WireValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly WireValue[]
  | { readonly [key: string]: WireValue }

/** Packs a value; `undefined` members are left out and an undefined whole becomes `null`, as JSON does. */
export const packPayload = (value: unknown): Payload => {
  // Looking at each member costs less than having each of them handed to a function.
  if (isPlainJson(value, 0)) return { json: JSON.stringify(value) ?? 'null' }
  const blobs: Uint8Array[] = []
  const json = JSON.stringify(value, function (this: Record<string, unknown>, key: string, member: unknown): unknown {
    // A Node Buffer has a toJSON, which has already run: the holder still has the original.
    const original = this[key]
    return original instanceof Uint8Array ? { $blob: blobs.push(original) - 1 } : member
  })
  return blobs.length === 0 ? { json: json ?? 'null' } : { json, blobs }
}

/** Deeper values, circles among them, are packed with a look at each member. */
const plainDepth = 16

/** Whether nothing but plain objects, arrays and what JSON has by itself is in the value: no byte strings, nothing that writes itself. */
const isPlainJson = (value: unknown, depth: number): boolean => {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function'
  if (depth >= plainDepth) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype === Array.prototype) {
    for (const member of value as readonly unknown[]) if (!isPlainJson(member, depth + 1)) return false
    return true
  }
  if (prototype !== Object.prototype && prototype !== null) return false
  // What is inherited is not written, and does no harm here.
  for (const key in value) if (!isPlainJson((value as Record<string, unknown>)[key], depth + 1)) return false
  return true
}

/**
 * Unpacks an untrusted payload. Markers are resolved only when the payload carries blobs, so data that happens to
 * contain `$blob` passes through unchanged otherwise. Each blob is referred to once at the most, as {@link packPayload} does
 * it: a few megabytes that are named a hundred thousand times would be terabytes once somebody writes the value down.
 *
 * @throws BulkheadError `input.not-json`, `input.too-large`, `input.too-deep`, `input.invalid` for a marker that points nowhere
 *   or where another one pointed
 */
export const unpackPayload = (payload: Payload, what: string, caps?: JsonCaps): WireValue => {
  const value: Json = parseJson(payload.json, what, caps)
  const blobs = payload.blobs
  return blobs === undefined || blobs.length === 0 ? value : resolveBlobs(value, [...blobs], what)
}

/** `left` are the blobs that no marker took yet. */
const resolveBlobs = (value: Json, left: (Uint8Array | undefined)[], what: string): WireValue => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((member: Json) => resolveBlobs(member, left, what))
  const entries = Object.entries(value)
  const marker = entries.length === 1 && entries[0]?.[0] === '$blob' ? entries[0][1] : undefined
  if (typeof marker === 'number') {
    const blob = left[marker]
    if (blob === undefined)
      throw new BulkheadError(
        'input.invalid',
        `${what} refers to byte string ${marker}, which it does not carry or refers to twice`,
      )
    left[marker] = undefined
    return blob
  }
  return Object.fromEntries(entries.map(([key, member]) => [key, resolveBlobs(member, left, what)]))
}
