// Where the rewriter is in a function body: what it reads next, and up to where it has copied what it read.

import { invalid } from './fault.ts'
import type { Output } from './output.ts'

/** See the file's head. */
export class Cursor {
  readonly bytes: Uint8Array
  readonly out: Output
  /** The body, its declarations of locals included. */
  start = 0
  end = 0
  at = 0
  /** Everything before is written, or left out. */
  copied = 0

  constructor(bytes: Uint8Array, out: Output) {
    this.bytes = bytes
    this.out = out
  }

  /** Writes what was read before a place. */
  flush(until: number): void {
    this.out.copy(this.bytes, this.copied, until)
    this.copied = until
  }

  byte(): number {
    const value = this.bytes[this.at]
    if (value === undefined || this.at >= this.end) throw ended()
    this.at++
    return value
  }

  /** An unsigned LEB128 number of 32 bits. */
  u32(): number {
    const first = this.byte()
    if (first < 0x80) return first
    let value = first & 0x7f
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.byte()
      if (shift === 28 && byte > 0x0f) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw invalid(`an instruction has a number that is too long (before byte ${this.at})`)
  }

  /** Skips a LEB128 number of at most `most` bytes. */
  skipNumber(most: number): void {
    for (let count = 0; count < most; count++) if (this.byte() < 0x80) return
    throw invalid(`an instruction has a number that is too long (before byte ${this.at})`)
  }

  skip(count: number): void {
    if (this.at + count > this.end) throw ended()
    this.at += count
  }
}

const ended = (): Error => invalid('a function ends inside an instruction')
