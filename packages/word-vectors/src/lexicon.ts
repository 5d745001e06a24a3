// Finds the token that a word begins with, the longest first (WordPiece: Schuster and Nakajima 2012, as BERT reads it).
// Works on the characters where they stand and makes no strings: a vault has millions of words. It knows no vectors.

/** What marks a token that continues a word. */
const mark = '##'

/** FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
const emptyHash = 0x811c9dc5
const hashOn = (hash: number, unit: number): number => Math.imul(hash ^ unit, 0x01000193)
const markHash = hashOn(hashOn(emptyHash, mark.charCodeAt(0)), mark.charCodeAt(1))

const lineEnd = 0x0a
const absent = -1

/** Tokens by their number, and the other way round. */
export class Lexicon {
  readonly #bytes: Uint8Array
  /** Where each token begins, and one more: where the next one would. */
  readonly #starts: Uint32Array
  /** Numbers of tokens by hash, with twice as many places or more; a taken place sends on to the next one. */
  readonly #places: Int32Array
  /** Hashes of the beginnings of what is looked up, by their length. */
  readonly #hashes: Int32Array

  /** @param bytes ASCII, each token ended by a line feed */
  constructor(bytes: Uint8Array) {
    const starts = [0]
    for (let at = 0; at < bytes.length; at++) if (bytes[at] === lineEnd) starts.push(at + 1)
    this.#bytes = bytes
    this.#starts = Uint32Array.from(starts)
    this.#places = new Int32Array(2 ** Math.ceil(Math.log2(2 * starts.length))).fill(absent)
    let longest = 0
    for (let token = 0; token < this.size; token++) longest = Math.max(longest, this.#insert(token))
    this.#hashes = new Int32Array(longest + 1)
  }

  get size(): number {
    return this.#starts.length - 1
  }

  /** The token as it is written. */
  token(token: number): string {
    return String.fromCharCode(...this.#bytes.subarray(this.#start(token), this.#end(token)))
  }

  /**
   * The longest token that the text has from `start` on, and not past `end`; −1 when there is none. With `continues`, one
   * that continues a word.
   */
  longest(text: string, start: number, end: number, continues: boolean): number {
    const most = Math.min(end - start, this.#hashes.length - 1)
    let hash = continues ? markHash : emptyHash
    for (let length = 1; length <= most; length++) {
      hash = hashOn(hash, text.charCodeAt(start + length - 1))
      this.#hashes[length] = hash
    }
    for (let length = most; length > 0; length--) {
      const token = this.#find(this.#hashes[length] as number, text, start, length, continues ? mark.length : 0)
      if (token !== absent) return token
    }
    return absent
  }

  /** How many characters of a word a token stands for: without the mark. */
  lengthOf(token: number): number {
    return this.#end(token) - this.#start(token) - (this.#continues(token) ? mark.length : 0)
  }

  #find(hash: number, text: string, start: number, length: number, marked: number): number {
    const last = this.#places.length - 1
    for (let place = hash & last; ; place = (place + 1) & last) {
      const token = this.#places[place] as number
      if (token === absent || this.#is(token, text, start, length, marked)) return token
    }
  }

  #is(token: number, text: string, start: number, length: number, marked: number): boolean {
    const from = this.#start(token)
    if (this.#end(token) - from !== length + marked || this.#continues(token) !== marked > 0) return false
    for (let at = 0; at < length; at++)
      if (this.#bytes[from + marked + at] !== text.charCodeAt(start + at)) return false
    return true
  }

  #insert(token: number): number {
    let hash = emptyHash
    for (let at = this.#start(token); at < this.#end(token); at++) hash = hashOn(hash, this.#bytes[at] as number)
    const last = this.#places.length - 1
    let place = hash & last
    while (this.#places[place] !== absent) place = (place + 1) & last
    this.#places[place] = token
    return this.#end(token) - this.#start(token)
  }

  #continues(token: number): boolean {
    const from = this.#start(token)
    return this.#bytes[from] === mark.charCodeAt(0) && this.#bytes[from + 1] === mark.charCodeAt(1)
  }

  #start(token: number): number {
    return this.#starts[token] as number
  }

  #end(token: number): number {
    return (this.#starts[token + 1] as number) - 1
  }
}
