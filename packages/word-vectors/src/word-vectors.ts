// Texts to vectors of unit length: the mean of the vectors of their words. Each vector already has the weight of its word
// in its length. Nothing leaves the process, and nothing is learnt from what is embedded.

import type { Table } from './table.ts'
import { readTable, tableFacts } from './table-node.ts'
import { eachWord, foldText } from './words.ts'

/** A word and how close it is, −1 to 1. */
export interface NearWord {
  readonly word: string
  readonly similarity: number
}

/** Made by {@link openWordVectors}. An embedder, as the note vault takes one. */
export interface WordVectors {
  /** Changes whenever vectors change, so that what was stored under another id is known to be stale. */
  readonly id: string
  readonly dimensions: number
  /** Unit vectors, one for each text. A text without a known word is all zeros, and like nothing. */
  embed(texts: readonly string[]): readonly Float32Array[]
  /** How close two texts are in meaning: the cosine, −1 to 1; 0 when one has no known word. */
  similarity(one: string, other: string): number
  /** Words of the table that are closest to a text, the closest first; words that stand in it are left out. */
  nearestWords(text: string, count: number): readonly NearWord[]
}

/** Words that {@link WordVectors.nearestWords} gives at most. */
const mostNearWords = 100
/** Shorter ones are mostly abbreviations and pieces. */
const leastNearLength = 3

/** The cosine of two unit vectors. @throws RangeError for vectors of different length */
export const similarity = (one: Float32Array, other: Float32Array): number => {
  if (one.length !== other.length) throw new RangeError(`vectors of ${one.length} and ${other.length} numbers`)
  let sum = 0
  for (let at = 0; at < one.length; at++) sum += (one[at] as number) * (other[at] as number)
  return sum
}

/** Sums are of 64 bits: that is what the engine computes in, and it is spared the rounding after each step. */
const toUnit = (sum: Float64Array): Float32Array => {
  let square = 0
  for (let at = 0; at < sum.length; at++) square += (sum[at] as number) ** 2
  const unit = new Float32Array(sum.length)
  if (square === 0) return unit
  const scale = 1 / Math.sqrt(square)
  for (let at = 0; at < sum.length; at++) unit[at] = (sum[at] as number) * scale
  return unit
}

const addRow = (sum: Float64Array, { scales, values }: Table, row: number): void => {
  const scale = scales[row] as number
  // Words such as "the": nearly a third of a text, and none of its meaning.
  if (scale === 0) return
  const start = row * sum.length
  for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + scale * (values[start + at] as number)
}

class TableVectors implements WordVectors {
  readonly id = `bulkhead-words-${tableFacts.hash}`
  readonly dimensions = tableFacts.dimensions
  readonly #table: () => Table

  constructor(table: () => Table) {
    this.#table = table
  }

  embed(texts: readonly string[]): readonly Float32Array[] {
    return texts.map((text) => this.#embedOne(text))
  }

  similarity(one: string, other: string): number {
    return similarity(this.#embedOne(one), this.#embedOne(other))
  }

  nearestWords(text: string, count: number): readonly NearWord[] {
    const wanted = this.#embedOne(text)
    if (similarity(wanted, wanted) === 0) return []
    const folded = foldText(text)
    const own = new Set<string>()
    eachWord(folded, (start, end) => own.add(folded.slice(start, end)))
    const near: NearWord[] = []
    const table = this.#table()
    const { lexicon } = table
    for (let row = 0; row < lexicon.size; row++) {
      const word = lexicon.token(row)
      if (word.length < leastNearLength || word.startsWith('##') || own.has(word)) continue
      const vector = new Float64Array(this.dimensions)
      addRow(vector, table, row)
      near.push({ word, similarity: similarity(wanted, toUnit(vector)) })
    }
    return near
      .sort((one, other) => other.similarity - one.similarity)
      .slice(0, Math.max(0, Math.min(count, mostNearWords)))
  }

  #embedOne(text: string): Float32Array {
    const table = this.#table()
    const { lexicon } = table
    const sum = new Float64Array(this.dimensions)
    const folded = foldText(text)
    const rows: number[] = []
    eachWord(folded, (start, end) => {
      rows.length = 0
      for (let at = start; at < end; ) {
        const row = lexicon.longest(folded, at, end, at > start)
        // A word with a part that the table does not know says nothing.
        if (row < 0) return
        rows.push(row)
        at += lexicon.lengthOf(row)
      }
      for (const row of rows) addRow(sum, table, row)
    })
    return toUnit(sum)
  }
}

/**
 * The vectors that come with the package. The table (some megabytes) is read once for the process, when something is first
 * embedded, which throws BulkheadError `host.internal` when it is damaged. Nothing is to be disposed of.
 */
export const openWordVectors = (): WordVectors => new TableVectors(readTable)
