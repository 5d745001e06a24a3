// A growing array of bytes that code is written to: whole ranges are copied, single numbers are encoded in place.

import { feature } from './fault.ts'

/** Most bytes of an output that grows: tiny loops become many times as large. */
const mostBytes = 128 * 1024 * 1024

/** Below this, a loop copies faster than the engine's own copy. */
const shortCopy = 32

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
    if (this.at + length > this.bytes.length) this.#grow(length)
    if (length < shortCopy) {
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
    const { length } = bytes
    if (this.at + length > this.bytes.length) this.#grow(length)
    for (let index = 0; index < length; index++) this.bytes[this.at++] = bytes[index] as number
  }

  byte(value: number): void {
    if (this.at >= this.bytes.length) this.#grow(1)
    this.bytes[this.at++] = value
  }

  /** Appends an unsigned LEB128 number below 2^32. */
  u32(value: number): void {
    if (this.at + 5 > this.bytes.length) this.#grow(5)
    let rest = value
    while (rest > 0x7f) {
      this.bytes[this.at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.at++] = rest
  }

  /** Appends an unsigned LEB128 number below 2^53. */
  unsigned(value: number): void {
    let rest = value
    while (rest > 0x7f) {
      this.byte((rest % 128) | 0x80)
      rest = Math.floor(rest / 128)
    }
    this.byte(rest)
  }

  /** Appends a signed LEB128 number. */
  signed(value: number): void {
    let rest = value
    for (;;) {
      const low = rest & 0x7f
      rest = Math.floor(rest / 128)
      const done = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)
      this.byte(done ? low : low | 0x80)
      if (done) return
    }
  }

  /** Leaves room for a number, which {@link patch} fills in. */
  hole(bytes = 5): number {
    if (this.at + bytes > this.bytes.length) this.#grow(bytes)
    const { at } = this
    this.at += bytes
    return at
  }

  /** Fills a hole with padded LEB128. Read as signed it stays the same if it is below 2^(7 * bytes - 1). */
  patch(at: number, value: number, bytes = 5): void {
    let rest = value
    for (let index = 0; index < bytes; index++) {
      this.bytes[at + index] = (rest & 0x7f) | (index < bytes - 1 ? 0x80 : 0)
      rest >>>= 7
    }
  }

  /** What was written so far, as an array of its own. */
  taken(): Uint8Array {
    return this.bytes.slice(0, this.at)
  }

  #grow(count: number): void {
    if (this.at + count > mostBytes) throw feature('the module becomes too large when it is rewritten')
    const capacity = Math.min(Math.ceil(this.bytes.length * 1.5), mostBytes)
    const larger = new Uint8Array(Math.max(capacity, this.at + count))
    larger.set(this.bytes.subarray(0, this.at))
    this.bytes = larger
  }
}
