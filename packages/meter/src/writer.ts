// Writes the binary format: numbers and sections, collected as pieces and joined once.

/** Collects bytes. */
export class Writer {
  readonly #pieces: Uint8Array[] = []
  #length = 0

  /** Bytes written so far. */
  get length(): number {
    return this.#length
  }

  /** Appends bytes as they stand. */
  raw(bytes: Uint8Array): this {
    this.#pieces.push(bytes)
    this.#length += bytes.length
    return this
  }

  /** Appends single bytes. */
  byte(...bytes: readonly number[]): this {
    return this.raw(Uint8Array.from(bytes))
  }

  /** Appends an unsigned LEB128 number below 2^32. */
  u32(value: number): this {
    const bytes: number[] = []
    let rest = value
    do {
      const low = rest % 128
      rest = Math.floor(rest / 128)
      bytes.push(rest > 0 ? low | 0x80 : low)
    } while (rest > 0)
    return this.byte(...bytes)
  }

  /** Appends a section: its id, its length and its body. */
  section(id: number, body: Uint8Array): this {
    return this.byte(id).u32(body.length).raw(body)
  }

  /** Everything written, as one array. */
  join(): Uint8Array {
    const joined = new Uint8Array(this.#length)
    let at = 0
    for (const piece of this.#pieces) {
      joined.set(piece, at)
      at += piece.length
    }
    return joined
  }
}
