// Reads the binary format (WebAssembly core specification 3.0, chapter 5) strictly: nothing past the end, no LEB128
// number longer than its type allows, no name that is not UTF-8.

import { invalid } from './fault.ts'

/** Longest name of an import or export, bytes. */
const longestName = 100_000

/** A cursor over a range of bytes. */
export class Reader {
  readonly bytes: Uint8Array
  readonly end: number
  at: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    this.bytes = bytes
    this.at = at
    this.end = end
  }

  /** Whether nothing is left. */
  get done(): boolean {
    return this.at >= this.end
  }

  /** One byte. */
  byte(what: string): number {
    const value = this.at < this.end ? this.bytes[this.at] : undefined
    if (value === undefined) throw invalid(`the module ends inside ${what} (at byte ${this.at})`)
    this.at++
    return value
  }

  /** An unsigned 32-bit LEB128 number. */
  u32(what: string): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.byte(what)
      if (shift === 28 && byte > 0x0f) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw invalid(`${what} is a number that is too long (before byte ${this.at})`)
  }

  /** An unsigned 64-bit LEB128 number. All from 2^53 - 1 on read as that, which is beyond any memory or table. */
  u64(what: string): number {
    let value = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.byte(what)
      if (shift === 63 && byte > 0x01) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return Math.min(value, Number.MAX_SAFE_INTEGER)
    }
    throw invalid(`${what} is a number that is too long (before byte ${this.at})`)
  }

  /** Skips a signed LEB128 number of at most `bits` bits. */
  skipSigned(bits: 32 | 33 | 64, what: string): void {
    for (let count = 0; count < Math.ceil(bits / 7); count++) if (this.byte(what) < 0x80) return
    throw invalid(`${what} is a number that is too long (before byte ${this.at})`)
  }

  /** Skips `count` bytes. */
  skip(count: number, what: string): void {
    if (count > this.end - this.at) throw invalid(`the module ends inside ${what} (at byte ${this.end})`)
    this.at += count
  }

  /** A count of things that take at least one byte each. */
  count(what: string, most: number): number {
    const count = this.u32(`the number of ${what}`)
    if (count > most) throw invalid(`the module has ${count} ${what}; at most ${most} are taken`)
    if (count > this.end - this.at) throw invalid(`the module announces ${count} ${what} and ends before them`)
    return count
  }

  /** A UTF-8 name. */
  name(what: string): string {
    const length = this.u32(`the length of ${what}`)
    if (length > longestName) throw invalid(`${what} is ${length} bytes long`)
    const start = this.at
    this.skip(length, what)
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(this.bytes.subarray(start, this.at))
    } catch {
      throw invalid(`${what} is not UTF-8 (at byte ${start})`)
    }
  }

  /** A reader over the next `length` bytes, which are skipped here. */
  within(length: number, what: string): Reader {
    const start = this.at
    this.skip(length, what)
    return new Reader(this.bytes, start, this.at)
  }
}
