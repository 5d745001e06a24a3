// Payloads as they lie in an interpreter's memory: a count, then each part as its length and its bytes, all words
// little-endian. Part 0 is JSON text in UTF-8, the others are byte strings.

import type { Payload } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'

const wordBytes = 4
const none: readonly never[] = []
/** Parts that a guest may send: bounds what is made of them here. */
const mostParts = 100_000

/** A payload's parts as bytes in one piece. */
export const packParts = (parts: readonly Uint8Array[]): Uint8Array => {
  const packed = Buffer.allocUnsafe(parts.reduce((sum, part) => sum + wordBytes + part.length, wordBytes))
  let at = packed.writeUInt32LE(parts.length, 0)
  for (const part of parts) {
    at = packed.writeUInt32LE(part.length, at)
    packed.set(part, at)
    at += part.length
  }
  return packed
}

/** A JSON text with its byte strings, in one piece. */
export const packPayloadBytes = ({ json, blobs = [] }: Payload): Uint8Array => {
  if (blobs.length > 0) return packParts([Buffer.from(json), ...blobs])
  const size = Buffer.byteLength(json)
  const packed = Buffer.allocUnsafe(2 * wordBytes + size)
  packed.writeUInt32LE(1, 0)
  packed.writeUInt32LE(size, wordBytes)
  packed.write(json, 2 * wordBytes)
  return packed
}

/** What a byte string takes outside of the guest beside its bytes. */
const partCost = 256

/** Bytes that a payload takes outside of the guest once it is read: those in it, and what each of its parts costs. */
export const sizeOnceRead = (packed: Buffer): number => {
  const parts = packed.length < wordBytes ? 0 : packed.readUInt32LE(0)
  // Each has a length at least: a count that says more is a lie, which reading finds out.
  return packed.length + Math.min(parts, packed.length / wordBytes) * partCost
}

/** Reads a payload; byte strings are copied. @throws BulkheadError `plugin.trap` for what is none: only a broken guest sends it */
export const unpackPayloadBytes = (packed: Buffer): Payload & { readonly blobs: readonly Uint8Array[] } => {
  const only = onlyPart(packed)
  if (only !== undefined) return { json: only.toString(), blobs: none }
  let at = 0
  const word = (): number => {
    if (at + wordBytes > packed.length) throw broken()
    const value = packed.readUInt32LE(at)
    at += wordBytes
    return value
  }
  const part = (): Buffer => {
    const size = word()
    if (size > packed.length - at) throw broken()
    at += size
    return packed.subarray(at - size, at)
  }
  const count = word()
  if (count < 1 || count > mostParts) throw broken()
  const json = part().toString()
  const blobs: Uint8Array[] = []
  for (let index = 1; index < count; index++) blobs.push(new Uint8Array(part()))
  return { json, blobs }
}

/** The one part of a payload that has no other. */
const onlyPart = (packed: Buffer): Buffer | undefined => {
  const head = 2 * wordBytes
  if (packed.length < head || packed.readUInt32LE(0) !== 1) return undefined
  const size = packed.readUInt32LE(wordBytes)
  return size > packed.length - head ? undefined : packed.subarray(head, head + size)
}

const broken = (): BulkheadError => new BulkheadError('plugin.trap', 'the interpreter sent what is no payload')
