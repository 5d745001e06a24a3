// Decodes a plugin's answer within bounds. A message of many empty parts takes two bytes for each and makes hundreds of
// bytes of objects, so parts are counted before anything is made of them.

import { BulkheadError } from '@bulkhead/kernel'
import type { Method } from './definitions.ts'

/** Bounds on one answer. */
export interface DecodeBounds {
  readonly maxResponseBytes: number
  readonly maxFields: number
}

/**
 * Counts the fields at the top of a message (protobuf encoding: tag, then a varint, eight bytes, a length and as many
 * bytes, or four bytes); stops at the first beyond `most`. What is no message is left to the decoder to refuse.
 */
export const countFields = (bytes: Uint8Array, most: number): number => {
  let at = 0
  let count = 0
  const varint = (): number => {
    let value = 0
    for (let shift = 0; shift < 70 && at < bytes.length; shift += 7) {
      const byte = bytes[at++] ?? 0
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) break
    }
    return value
  }
  while (at < bytes.length && count <= most) {
    count++
    const kind = varint() % 8
    if (kind === 0) varint()
    else if (kind === 1) at += 8
    else if (kind === 2) {
      const length = varint()
      at += length
    } else if (kind === 5) at += 4
    // Groups have no length; their parts are counted as if they stood at the top.
  }
  return count
}

/** Makes a message of an answer. @throws BulkheadError `limit.output`, `protocol.violation` */
export const decode = (method: Method, bytes: Buffer, { maxResponseBytes, maxFields }: DecodeBounds): object => {
  if (bytes.length > maxResponseBytes)
    throw new BulkheadError(
      'limit.output',
      `the plugin answered ${method.path} with ${bytes.length} bytes; at most ${maxResponseBytes} are taken`,
    )
  if (countFields(bytes, maxFields) > maxFields)
    throw new BulkheadError('limit.output', `the plugin answered ${method.path} with more than ${maxFields} parts`)
  try {
    return method.deserialize(bytes)
  } catch (cause) {
    throw new BulkheadError('protocol.violation', `the plugin's answer to ${method.path} is no such message`, { cause })
  }
}
