// The table of vectors: reads its bytes, which come with the package, and refuses what is not whole. No files here.

import { BulkheadError } from '@bulkhead/kernel'
import { Lexicon } from './lexicon.ts'

/**
 * What is in the file `vectors.bin`, in order: `BHWV`, version, dimensions, tokens, bytes of tokens; the tokens, their
 * scales, their rows. Numbers are little endian. `build/table.py` writes it.
 */
const header = { magic: 0x56574842, version: 1, bytes: 16 } as const

/** One row of int8 for each token, times the scale of the row. */
export interface Table {
  readonly dimensions: number
  /** Numbers of tokens are numbers of rows. */
  readonly lexicon: Lexicon
  /** By row. */
  readonly scales: Float32Array
  /** All rows, one after the other. */
  readonly values: Int8Array
}

const damaged = (what: string): BulkheadError =>
  new BulkheadError('host.internal', `The table of word vectors is damaged: ${what}.`, {
    hint: 'Install @bulkhead/word-vectors again.',
  })

/** @throws BulkheadError `host.internal` for bytes that are not a whole table */
export const parseTable = (bytes: Uint8Array, dimensions: number): Table => {
  if (bytes.byteLength < header.bytes) throw damaged('it is shorter than its head')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (view.getUint32(0, true) !== header.magic) throw damaged('it does not begin as one')
  if (view.getUint16(4, true) !== header.version) throw damaged(`its version is ${view.getUint16(4, true)}`)
  if (view.getUint16(6, true) !== dimensions) throw damaged(`its rows have ${view.getUint16(6, true)} numbers`)
  const count = view.getUint32(8, true)
  const scalesAt = header.bytes + view.getUint32(12, true)
  const valuesAt = scalesAt + 4 * count
  if (bytes.byteLength !== valuesAt + dimensions * count) throw damaged('its length is not what its head says')
  const lexicon = new Lexicon(bytes.subarray(header.bytes, scalesAt))
  if (lexicon.size !== count) throw damaged(`it has ${lexicon.size} tokens for ${count} rows`)
  // Copied, since a Float32Array must begin at a multiple of four.
  const scales = new Float32Array(count)
  new Uint8Array(scales.buffer).set(bytes.subarray(scalesAt, valuesAt))
  return {
    dimensions,
    lexicon,
    scales,
    values: new Int8Array(bytes.buffer, bytes.byteOffset + valuesAt, dimensions * count),
  }
}
