// Where a word occurs next, asked for with places that rise: the whole text is searched once, however often somebody asks.

/** See the file's head. */
export class NextIndex {
  readonly #text: string
  readonly #word: string
  #known = -1

  constructor(text: string, word: string) {
    this.#text = text
    this.#word = word
  }

  /** The first occurrence at `at` or after it. */
  from(at: number): number | undefined {
    if (this.#known < at) {
      const found = this.#text.indexOf(this.#word, at)
      this.#known = found === -1 ? Infinity : found
    }
    return this.#known === Infinity ? undefined : this.#known
  }
}
