// The table of vectors: reads its bytes, which come with the package, and refuses what is not whole. No files here.

import { BulkheadError } from '@bulkhead/kernel'

/** What is in the file `vectors.bin`, in order; numbers are little endian. `build/table.py` writes it. */
const header = { magic: 'BHWV', version: 1, bytes: 16 } as const

/** One row of int8 for each token, times the scale of the row. */
export interface Table {
  readonly dimensions: number
  /** Row of a token; a token that continues a word begins with `##`. */
  readonly rows: ReadonlyMap<string, number>
  /** By row. */
  readonly tokens: readonly string[]
  readonly scales: Float32Array
  /** All rows, one after the other. */
  readonly values: Int8Array
}

const damaged = (what: string): BulkheadError =>
  new BulkheadError('host.internal', `The table of word vectors is damaged: ${what}.`, {
    hint: 'Install @bulkhead/word-vectors again.',
  })

const latin = new TextDecoder('latin1')

/** @throws BulkheadError `host.internal` for bytes that are not a whole table */
export const parseTable = (bytes: Uint8Array): Table => {
  if (bytes.byteLength < header.bytes) throw damaged('it is shorter than its head')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (latin.decode(bytes.subarray(0, 4)) !== header.magic) throw damaged('it does not begin as one')
  if (view.getUint16(4, true) !== header.version) throw damaged(`its version is ${view.getUint16(4, true)}`)
  const dimensions = view.getUint16(6, true)
  const count = view.getUint32(8, true)
  const tokenBytes = view.getUint32(12, true)
  const scalesAt = header.bytes + tokenBytes
  const valuesAt = scalesAt + 4 * count
  if (bytes.byteLength !== valuesAt + dimensions * count) throw damaged('its length is not what its head says')
  const tokens = latin.decode(bytes.subarray(header.bytes, scalesAt)).trimEnd().split('\n')
  if (tokens.length !== count) throw damaged(`it has ${tokens.length} tokens for ${count} rows`)
  const rows = new Map<string, number>()
  for (const [row, token] of tokens.entries()) rows.set(token, row)
  // A copy, since a Float32Array must begin at a multiple of four.
  const scales = new Float32Array(bytes.slice(scalesAt, valuesAt).buffer)
  return {
    dimensions,
    rows,
    tokens,
    scales,
    values: new Int8Array(bytes.buffer, bytes.byteOffset + valuesAt, dimensions * count),
  }
}
