// A growing array of bytes that code is written to: whole ranges are copied, single numbers are encoded in place.

/** See the file's head. */
export class Output {
  bytes: Uint8Array
  at = 0

  constructor(capacity: number) {
    this.bytes = new Uint8Array(Math.max(capacity, 64))
  }

  /** Appends a range of other bytes. */
  copy(from: Uint8Array, start: number, end: number): void {
    const length = end - start
    if (length <= 0) return
    this.#reserve(length)
    if (length < 24) {
      const { bytes } = this
      let { at } = this
      for (let index = start; index < end; index++) bytes[at++] = from[index] as number
      this.at = at
    } else {
      this.bytes.set(from.subarray(start, end), this.at)
      this.at += length
    }
  }

  /** Appends bytes as they stand. */
  raw(bytes: ArrayLike<number>): void {
    this.#reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  byte(value: number): void {
    this.#reserve(1)
    this.bytes[this.at++] = value
  }

  /** Appends an unsigned LEB128 number below 2^32. */
  u32(value: number): void {
    this.#reserve(5)
    let rest = value
    while (rest > 0x7f) {
      this.bytes[this.at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.at++] = rest
  }

  /** Appends a signed LEB128 number. */
  signed(value: number): void {
    this.#reserve(10)
    let rest = value
    for (;;) {
      const low = rest & 0x7f
      rest = Math.floor(rest / 128)
      const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
      this.bytes[this.at++] = done ? low : low | 0x80
      if (done) return
    }
  }

  /** Leaves room for a non-negative number below 2^34, which {@link patch} fills in. */
  hole(): number {
    this.#reserve(5)
    const at = this.at
    this.at += 5
    return at
  }

  /** Fills a hole with five bytes of LEB128, padded; read as signed, it stays non-negative below 2^34. */
  patch(at: number, value: number): void {
    let rest = value
    for (let index = 0; index < 5; index++) {
      this.bytes[at + index] = (rest % 128) | (index < 4 ? 0x80 : 0)
      rest = Math.floor(rest / 128)
    }
  }

  /** What was written so far, as an array of its own. */
  taken(): Uint8Array {
    return this.bytes.slice(0, this.at)
  }

  #reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return
    const larger = new Uint8Array(Math.max(this.bytes.length * 2, this.at + count))
    larger.set(this.bytes.subarray(0, this.at))
    this.bytes = larger
  }
}
