// Branch hints (the custom section `metadata.code.branch_hint` of the branch hinting proposal): which branches are hardly
// ever taken. The meter's slow paths are; without the hint V8 keeps registers free for them in every loop. Hints of the
// guest are moved to where its branches stand now.

import { ModuleFault } from './fault.ts'
import { Output } from './output.ts'
import { Reader } from './reader.ts'

/** Name of the section, which stands before the code. */
export const hintsSection = 'metadata.code.branch_hint'

/** Bytes of the number of hints of a function. */
const holeBytes = 5
const most = { functions: 500_000, hints: 10_000_000 }

/** Hints that a module came with, function by function in the order of their bodies. */
export class GivenHints {
  readonly #reader: Reader | undefined
  #functions = 0
  #index = -1
  #left = 0
  /** Where the hints of the function at hand begin, and how many there are. */
  #start = 0
  #count = 0
  /** Offset in the body of the next hint of the function at hand, and what it says; -1: none left. */
  offset = -1
  value: 0 | 1 = 0

  /** Malformed hints end where they are malformed: no engine refuses a module for them. */
  constructor(reader: Reader | undefined) {
    this.#reader = reader
    this.#try((given) => {
      this.#functions = given.count('functions with hints', most.functions)
      this.#nextFunction(given)
    })
  }

  /** Begins with the function of an index, the indexes growing; those before it are skipped. */
  begin(index: number): void {
    this.offset = -1
    this.#count = 0
    this.#try((given) => {
      while (this.#index >= 0 && this.#index < index) {
        while (this.#left > 0) this.#read(given)
        this.#nextFunction(given)
      }
      this.#start = given.at
      this.#count = this.#index === index ? this.#left : 0
      if (this.#index === index) this.#next(given)
    })
  }

  /** Begins with the same function again. */
  again(): void {
    if (this.#count === 0) return
    this.#try((given) => {
      given.at = this.#start
      this.#left = this.#count
      this.#next(given)
    })
  }

  /** Moves on to the next hint of the function. */
  next(): void {
    this.offset = -1
    this.#try((given) => this.#next(given))
  }

  #next(given: Reader): void {
    this.offset = -1
    if (this.#left > 0) this.#read(given)
  }

  #nextFunction(given: Reader): void {
    this.#index = -1
    if (this.#functions === 0) return
    this.#functions--
    this.#index = given.u32('the function of hints')
    this.#left = given.count('hints', most.hints)
  }

  #read(given: Reader): void {
    this.#left--
    const offset = given.u32('the offset of a hint')
    const length = given.u32('the length of a hint')
    const value = given.byte('a hint')
    if (length !== 1 || value > 1) throw new ModuleFault('artifact.invalid', 'a hint is of an unknown kind')
    this.offset = offset
    this.value = value === 0 ? 0 : 1
  }

  #try(read: (given: Reader) => void): void {
    if (this.#reader === undefined) return
    try {
      read(this.#reader)
    } catch (thrown) {
      if (!(thrown instanceof ModuleFault)) throw thrown
      this.#functions = 0
      this.#index = -1
      this.#left = 0
      this.offset = -1
    }
  }
}

/** Collects hints and writes the section's content. */
export class Hints {
  readonly #out: Output
  #functions = 0
  #hole = 0
  #count = 0
  /** Where the function at hand began. */
  #start = 0

  constructor(codeBytes: number) {
    this.#out = new Output(1024 + codeBytes / 16)
  }

  /** Begins with a function, by its index after rewriting. */
  begin(index: number): void {
    this.#start = this.#out.at
    this.#out.u32(index)
    this.#hole = this.#out.hole(holeBytes)
    this.#count = 0
  }

  /** Offset of a branch from the start of its body, in order. */
  add(offset: number, isTaken: 0 | 1): void {
    this.#out.u32(offset)
    this.#out.byte(1)
    this.#out.byte(isTaken)
    this.#count++
  }

  /** Ends the function; without hints, nothing of it stays. */
  end(): void {
    if (this.#count === 0) {
      this.#out.at = this.#start
      return
    }
    this.#out.patch(this.#hole, this.#count, holeBytes)
    this.#functions++
  }

  /** Begins with the same function again. */
  again(): void {
    this.#out.at = this.#hole + holeBytes
    this.#count = 0
  }

  /** Whether there are none. */
  get isEmpty(): boolean {
    return this.#functions === 0
  }

  /** The section's content after its name. */
  write(out: Output): void {
    out.u32(this.#functions)
    out.copy(this.#out.bytes, 0, this.#out.at)
  }
}
