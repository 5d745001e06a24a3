// Values on the wire: JSON in which a byte string is `{"$bytes": base64}`, as docs/reference/process-protocol.md has it.
// What it needs of the language is kept before any plugin code runs.

import { Buffer } from 'node:buffer'

const { parse, stringify } = JSON
const { keys } = Object
const { from } = Buffer
const marker = /^\$+bytes$/

const bytesOf = (value: unknown): Uint8Array | undefined => {
  if (value instanceof Uint8Array) return value
  return value instanceof ArrayBuffer ? new Uint8Array(value) : undefined
}

/** The only key of an object that looks like a byte string. */
const markedKey = (value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const [only, more] = keys(value)
  return only !== undefined && more === undefined && marker.test(only) ? only : undefined
}

/** A value as JSON. @throws TypeError for what JSON cannot say (cycles, big integers) */
export const encodeValue = (value: unknown): string =>
  stringify(value, function (this: Record<string, unknown>, key, member: unknown) {
    // Not `member`: a `toJSON` has been at work on that, and Node's buffers have one.
    const bytes = bytesOf(this[key])
    if (bytes !== undefined) {
      return { $bytes: from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength).toString('base64') }
    }
    const marked = markedKey(member)
    return marked === undefined ? member : { [`$${marked}`]: (member as Record<string, unknown>)[marked] }
  }) ?? 'null'

/** A message with the values in it. @throws SyntaxError */
export const decodeMessage = (line: string): unknown =>
  line.includes('bytes"')
    ? parse(line, (_key, member: unknown) => {
        const marked = markedKey(member)
        if (marked === undefined) return member
        const inner = (member as Record<string, unknown>)[marked]
        // A copy: what Node decodes into is shared by many.
        return marked === '$bytes' ? new Uint8Array(from(inner as string, 'base64')) : { [marked.slice(1)]: inner }
      })
    : parse(line)
