// Byte strings in the JSON of a process plugin: `{"$bytes": "<base64>"}`. Base64 because every language has it in its
// standard library; a marker because the host has to know bytes from text without the schema of what it reads. A plain
// object of the same shape gets one more `$` on the way out and loses it on the way in, so nothing is ambiguous.

import { BulkheadError, encodeBase64, type Json, type WireValue } from '@bulkhead/kernel'

const marker = /^\$+bytes$/

/** Looks for what does not belong. A pattern of groups that repeat overflows the engine's stack on 11 MB of them. */
const isBase64 = (text: string): boolean =>
  text.length % 4 === 0 && !/[^A-Za-z0-9+/]/.test(text.endsWith('==') ? text.slice(0, -2) : text.replace(/=$/, ''))

/** A value as JSON. Recurses as deep as the value. */
export const encodeBytes = (value: WireValue): Json => {
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return { $bytes: encodeBase64(value) }
  if (Array.isArray(value)) return (value as readonly WireValue[]).map(encodeBytes)
  const entries = Object.entries(value as { readonly [key: string]: WireValue }).filter(
    ([, member]) => member !== undefined,
  )
  const [first] = entries
  if (entries.length === 1 && first !== undefined && marker.test(first[0])) {
    return { [`$${first[0]}`]: encodeBytes(first[1]) }
  }
  return Object.fromEntries(entries.map(([key, member]) => [key, encodeBytes(member)]))
}

/**
 * The value of JSON. Recurses as deep as the value, whose depth was capped when it was parsed.
 * @throws BulkheadError `fault` for a marker without base64
 */
export const decodeBytes = (value: Json, fault: 'input.invalid' | 'output.invalid'): WireValue => {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Json[]).map((member) => decodeBytes(member, fault))
  const entries = Object.entries(value as { readonly [key: string]: Json })
  const [first] = entries
  if (entries.length === 1 && first !== undefined && marker.test(first[0])) {
    const [key, member] = first
    if (key !== '$bytes') return { [key.slice(1)]: decodeBytes(member, fault) }
    if (typeof member === 'string' && isBase64(member)) return new Uint8Array(Buffer.from(member, 'base64'))
    throw new BulkheadError(fault, 'a byte string is not base64')
  }
  return Object.fromEntries(entries.map(([key, member]) => [key, decodeBytes(member, fault)]))
}
