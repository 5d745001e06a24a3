// Finds loops that end after a number of turns that their code alone tells, however they are reached:
//
//   loop  X < bound  if  …  X := X + step  br 1  end  end
//
// where bound and step are constants, X has a known value before the first turn, and nothing else in the loop writes X,
// branches to the loop, calls, or loops. Whatever is not surely of this form is none.

import { empty, op } from './instructions.ts'
import { kindOf, kinds } from './opcodes.ts'

/** A loop of the form. */
export interface BoundedLoop {
  /** The local that grows. */
  readonly local: number
  /** Bytes of the body. */
  readonly length: number
  /** Most turns, if the local has this value before the first. */
  turnsFrom(first: number): number
}

/** Longest body that is looked at. */
const longest = 512
const mostStep = 2 ** 20

/** The last instructions of a body: get X, constant, add, set X, branch, end of the `if`. */
const remembered = 6

/** The loop whose body, of no operands and results, begins at a place; undefined if it is not surely bounded. */
export const findBoundedLoop = (bytes: Uint8Array, start: number, end: number): BoundedLoop | undefined => {
  const scan = new Scan(bytes, start, Math.min(end, start + longest))
  const local = scan.only(op.localGet)
  const bound = scan.constant()
  const compare = bytes[scan.at++]
  if (compare !== op.i32LtS && compare !== op.i32LtU) return undefined
  if (scan.isLost || bytes[scan.at++] !== op.if || bytes[scan.at++] !== empty) return undefined
  const places = scan.body(local)
  const step = places === undefined ? undefined : scan.tail(places, local)
  if (step === undefined || step < 1 || step > mostStep) return undefined
  const valueOf = (bits: number): number => (compare === op.i32LtU ? bits >>> 0 : bits)
  // The last sum must not pass the end of the range, and begin anew.
  if (valueOf(bound) + step - 1 > (compare === op.i32LtU ? 2 ** 32 - 1 : 2 ** 31 - 1)) return undefined
  return {
    local,
    length: scan.length,
    turnsFrom: (first) => Math.max(0, Math.ceil((valueOf(bound) - valueOf(first)) / step)),
  }
}

class Scan {
  readonly #bytes: Uint8Array
  readonly #start: number
  readonly #end: number
  at: number
  /** Bytes of the body, once it was read. */
  length = 0
  /** Whether something was read that is not of the form. */
  isLost = false

  constructor(bytes: Uint8Array, start: number, end: number) {
    this.#bytes = bytes
    this.#start = start
    this.#end = end
    this.at = start
  }

  /** The index of an instruction that must be this one. */
  only(opcode: number): number {
    if (this.#bytes[this.at] !== opcode) this.isLost = true
    this.at++
    return this.#index()
  }

  /** The value of `i32.const`. */
  constant(): number {
    if (this.#bytes[this.at] !== op.i32Const) this.isLost = true
    this.at++
    const { value, at } = readConstant(this.#bytes, this.at)
    this.at = at
    return value
  }

  /**
   * Reads what is in the `if`, and both ends; answers where its last instructions begin. Undefined when anything in it is not
   * known here, or it writes the local or branches to the loop more than once.
   */
  body(local: number): readonly number[] | undefined {
    const bytes = this.#bytes
    const places: number[] = []
    let depth = 1
    let writes = 0
    let branches = 0
    while (this.at < this.#end && !this.isLost) {
      const start = this.at
      const opcode = bytes[this.at++] as number
      switch (kindOf[opcode]) {
        case kinds.plain:
          break
        case kinds.index: {
          const index = this.#index()
          if (index === local && (opcode === op.localSet || opcode === op.localTee)) writes++
          break
        }
        case kinds.global:
          this.#index()
          break
        case kinds.number:
          while ((bytes[this.at++] as number) > 0x7f);
          break
        case kinds.f32:
          this.at += 4
          break
        case kinds.f64:
          this.at += 8
          break
        case kinds.access:
          if ((bytes[this.at++] as number) >= 0x40) return undefined
          while ((bytes[this.at++] as number) > 0x7f);
          break
        case kinds.block:
        case kinds.if:
          if (bytes[this.at++] !== empty) return undefined
          depth++
          break
        case kinds.else:
          // The loop's own condition has one way only.
          if (depth === 1) return undefined
          break
        case kinds.branch:
          if (this.#index() === depth) branches++
          break
        case kinds.return:
          break
        case kinds.end:
          depth--
          if (depth > 0) break
          if (this.at >= this.#end || bytes[this.at] !== op.end || writes !== 1 || branches !== 1) return undefined
          this.length = this.at + 1 - this.#start
          return [...places, start]
        default:
          return undefined
      }
      places.push(start)
      if (places.length === remembered) places.shift()
    }
    return undefined
  }

  /** By how much a local grows at the end of the body; undefined if it does not. */
  tail(places: readonly number[], local: number): number | undefined {
    if (places.length !== remembered) return undefined
    const bytes = this.#bytes
    const [get = 0, constant = 0, add = 0, set = 0, branch = 0] = places
    if (bytes[add] !== op.i32Add || bytes[branch] !== op.branch) return undefined
    this.at = get
    if (this.only(op.localGet) !== local) return undefined
    this.at = constant
    const step = this.constant()
    this.at = set
    if (this.only(op.localSet) !== local) return undefined
    this.at = branch + 1
    if (this.#index() !== 1 || this.isLost) return undefined
    return step
  }

  #index(): number {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes[this.at++]
      if (byte === undefined) break
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    this.isLost = true
    return value
  }
}

/** A signed LEB128 number of 32 bits, as the engine has found it valid, and where it ends. */
export const readConstant = (bytes: Uint8Array, start: number): { value: number; at: number } => {
  let value = 0
  let at = start
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[at++] as number
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return { value: shift < 28 && (byte & 0x40) !== 0 ? value | (-1 << (shift + 7)) : value, at }
  }
  return { value, at }
}
