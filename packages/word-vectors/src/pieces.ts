// Finds the rows of a word: the word itself, or the longest pieces that it is made of (WordPiece, Schuster and Nakajima
// 2012, as BERT reads it). Bounded by the longest token, so that a word costs no more than its length times that.

import type { Table } from './table.ts'

/** Words that are remembered with their rows. A text repeats itself; a hostile one must not fill the memory. */
const mostRemembered = 16_384

const none: readonly number[] = []

/** Of one table. */
export class Pieces {
  readonly #table: Table
  readonly #longest: number
  readonly #remembered = new Map<string, readonly number[]>()

  constructor(table: Table) {
    this.#table = table
    this.#longest = table.tokens.reduce((most, token) => Math.max(most, token.length), 0)
  }

  /** Rows of a word; none for one that has a part which the table does not know. */
  rowsOf(word: string): readonly number[] {
    const known = this.#remembered.get(word)
    if (known !== undefined) return known
    const rows = this.#find(word)
    if (this.#remembered.size >= mostRemembered) this.#remembered.clear()
    this.#remembered.set(word, rows)
    return rows
  }

  #find(word: string): readonly number[] {
    const whole = this.#table.rows.get(word)
    if (whole !== undefined) return [whole]
    const rows: number[] = []
    for (let start = 0; start < word.length; ) {
      const mark = start === 0 ? '' : '##'
      let end = Math.min(word.length, start + this.#longest)
      let row: number | undefined
      while (end > start && row === undefined) row = this.#table.rows.get(mark + word.slice(start, end--))
      if (row === undefined) return none
      rows.push(row)
      start = end + 1
    }
    return rows
  }
}
