// The arguments of one call of a native function, read by type: where one is missing or of another kind, the reader says
// what stands for it. Lengths are read where the interpreter keeps them, so that no property of an object can lie.

import type { Interpreter } from './interpreter.ts'
import { kinds } from './interpreter-build.ts'

/** Bytes of a value. */
const valueBytes = 8

/** See the file's head. Valid during the call. */
export class NativeArguments {
  readonly #interpreter: Interpreter
  readonly #at: number
  readonly #count: number

  constructor(interpreter: Interpreter, at: number, count: number) {
    this.#interpreter = interpreter
    this.#at = at
    this.#count = count
  }

  /** A whole number of 32 bits; 0 for anything else. */
  integer(index: number): number {
    return index < this.#count ? this.#interpreter.memory.integer(this.#value(index)) : 0
  }

  isTrue(index: number): boolean {
    return index < this.#count && this.#interpreter.memory.isTrue(this.#value(index))
  }

  isObject(index: number): boolean {
    return index < this.#count && this.#interpreter.memory.kind(this.#value(index)) === kinds.object
  }

  /** A text, cut; empty for anything else, and for what is far beyond the cut, which is not even copied. */
  text(index: number, most: number): string {
    return index < this.#count ? this.#interpreter.textOf(this.#value(index), most) : ''
  }

  /** The whole text; for one whose length was bounded before. */
  wholeText(index: number): string {
    return this.text(index, Number.MAX_SAFE_INTEGER)
  }

  /** UTF-16 code units of a text; infinite for anything else. */
  textLength(index: number): number {
    return index < this.#count ? this.#interpreter.memory.textLength(this.#value(index)) : Number.POSITIVE_INFINITY
  }

  /** Bytes of all buffers from an argument on, and `cost` for each; infinite when one is no buffer. */
  buffersLength(first: number, cost = 0): number {
    const { memory, places } = this.#interpreter
    let sum = 0
    for (let index = first; index < this.#count; index++) {
      sum += cost + memory.bufferLength(this.#value(index), places.bufferClass)
    }
    return sum
  }

  /** Copies of the buffers from an argument on. */
  buffers(first: number): Uint8Array[] {
    const { memory, places } = this.#interpreter
    const buffers: Uint8Array[] = []
    for (let index = first; index < this.#count; index++) {
      buffers.push(memory.buffer(this.#value(index), places.bufferClass))
    }
    return buffers
  }

  #value(index: number): number {
    return this.#at + index * valueBytes
  }
}
