// The functions that the meter appends to a module: the slow path of its checks, one wrapper for each imported function,
// and one function for each kind of bulk operation that the module uses. Written as bytes of the binary format.

import type { Layout } from './layout.ts'
import { stateBits } from './names.ts'
import { Output } from './output.ts'
import type { FunctionType } from './value-types.ts'

const op = {
  unreachable: 0x00,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  rethrow: 0x09,
  throwRef: 0x0a,
  end: 0x0b,
  br: 0x0c,
  brIf: 0x0d,
  return: 0x0f,
  call: 0x10,
  catchAll: 0x19,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  load: 0x28,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32: 0x41,
  i64: 0x42,
} as const

const i32 = 0x7f
const i64 = 0x7e
const exnref = 0x69
const empty = 0x40
const catchAllRef = 3

/** Bytes that one step of a bulk operation moves: well below a millisecond. */
const stepBytes = 1024 * 1024

/** A function that is appended: its type as an index, and its body with the declarations of locals. */
export interface AppendedFunction {
  readonly type: number
  readonly body: Uint8Array
}

/** What is needed to know about an imported function that is wrapped. */
export interface ImportedFunction {
  readonly type: number
  readonly signature: FunctionType
}

/** See the file's head. */
export class Appended {
  readonly #layout: Layout
  readonly #fuel: boolean
  readonly #functions: AppendedFunction[] = []
  readonly #types: Uint8Array[] = []
  readonly #typeIndexes = new Map<string, number>()
  readonly #byKey = new Map<string, number>()
  /** Where, in what is written, branches stand that are hardly ever taken; for whoever writes bodies to collect. */
  unlikely: number[] = []

  constructor(layout: Layout, fuel: boolean) {
    this.#layout = layout
    this.#fuel = fuel
    this.#typeIndexes.set(signature([], [i32]), layout.types.interrupt)
    this.#typeIndexes.set(signature([], []), layout.types.nothing)
    this.#functions.push({ type: layout.types.nothing, body: this.#tick() })
    for (let index = 0; index < layout.counts.importedFunctions; index++) {
      this.#functions.push({ type: layout.types.nothing, body: new Uint8Array() })
    }
  }

  /** Types to append after the original ones, the first two of the layout among them. */
  get types(): readonly Uint8Array[] {
    return [typeBytes([], [i32]), typeBytes([], []), ...this.#types]
  }

  get functions(): readonly AppendedFunction[] {
    return this.#functions
  }

  /** Makes the wrapper of an imported function. Its place was kept from the start. */
  wrap(index: number, { type, signature: known }: ImportedFunction, encoding: 'legacy' | 'standard'): void {
    const out = new Output(64 + known.parameters * 4)
    out.byte(0)
    const call = (): void => {
      for (let parameter = 0; parameter < known.parameters; parameter++) {
        out.byte(op.localGet)
        out.u32(parameter)
      }
      out.byte(op.call)
      out.u32(this.#layout.imports[index] as number)
    }
    const results = this.#blockType(known.resultTypes)
    if (encoding === 'legacy') {
      out.byte(op.try)
      out.raw(results)
      call()
      out.byte(op.catchAll)
      this.#dieIfDead(out)
      out.raw([op.rethrow, 0, op.end])
      this.#dieIfDead(out)
      out.byte(op.end)
    } else {
      out.raw([op.block, exnref, op.tryTable])
      out.raw(results)
      out.raw([1, catchAllRef, 0])
      call()
      out.byte(op.end)
      this.#dieIfDead(out)
      out.raw([op.return, op.end])
      this.#dieIfDead(out)
      out.raw([op.throwRef, op.end])
    }
    this.substitute(index, { type, body: out.taken() })
  }

  /** Puts a function in the place of the wrapper of an import. */
  substitute(index: number, made: AppendedFunction): void {
    this.#functions[this.#layout.firstAppended - this.#layout.tick + index] = made
  }

  /** `memory.grow` that notes a refusal. Index of the function, `[i32] -> [i32]`. */
  memoryGrow(memory: number): number {
    return this.#once(`grow ${memory}`, () => {
      const out = new Output(64)
      out.raw([0, op.localGet, 0, op.memoryGrow])
      out.u32(memory)
      out.raw([op.localTee, 0, op.i32, 0x7f, 0x46, op.if, empty])
      this.markState(out, stateBits.growthRefused)
      out.raw([op.end, op.localGet, 0, op.end])
      return { parameters: [i32], results: [i32], body: out.taken() }
    })
  }

  /** `memory.fill` in steps. `[i32 i32 i32] -> []`. */
  memoryFill(memory: number): number {
    return this.#once(`fill ${memory}`, () =>
      this.#steps({
        immediates: [11, memory],
        bounds: [{ local: 0, memory }],
        // to, value, count
        advance: [0],
        backwards: false,
      }),
    )
  }

  /** `memory.copy` in steps, from the end that does not overwrite what is still to be read. `[i32 i32 i32] -> []`. */
  memoryCopy(to: number, from: number): number {
    return this.#once(`copy ${to} ${from}`, () =>
      this.#steps({
        immediates: [10, to, from],
        bounds: [
          { local: 0, memory: to },
          { local: 1, memory: from },
        ],
        advance: [0, 1],
        backwards: to === from,
      }),
    )
  }

  /** Sets a bit of the state; leaves the operands as they are. */
  markState(out: Output, bit: number): void {
    out.byte(op.globalGet)
    out.u32(this.#layout.state)
    out.raw([op.i32, bit, 0x72, op.globalSet])
    out.u32(this.#layout.state)
  }

  /** The check that stands at function entries and loop heads, without fuel. */
  check(out: Output): void {
    this.#loadFlag(out)
    this.#slowPath(out)
  }

  /** As {@link check}, and pays for what follows; answers the hole for the price. */
  checkAndPay(out: Output): number {
    const { fuel } = this.#layout
    out.byte(op.globalGet)
    out.u32(fuel)
    out.byte(op.i64)
    const hole = out.hole()
    out.raw([0x7d, op.globalSet])
    out.u32(fuel)
    out.byte(op.globalGet)
    out.u32(fuel)
    out.raw([op.i64, 0, 0x53])
    this.#loadFlag(out)
    out.byte(0x72)
    this.#slowPath(out)
    return hole
  }

  #slowPath(out: Output): void {
    this.unlikely.push(out.at)
    out.raw([op.if, empty, op.call])
    out.u32(this.#layout.tick)
    out.byte(op.end)
  }

  #loadFlag(out: Output): void {
    // Alignment 2^2, with bit 6: a memory index follows.
    out.raw([op.i32, 0, op.load, 0x42])
    out.u32(this.#layout.epochMemory)
    out.byte(0)
  }

  #dieIfDead(out: Output): void {
    out.byte(op.globalGet)
    out.u32(this.#layout.state)
    out.raw([op.i32, stateBits.dead, 0x71, op.if, empty, op.unreachable, op.end])
  }

  /** interrupt: 1 die, 2 pause. After a pause the guest may have been ended. */
  #tick(): Uint8Array {
    const { interrupt, pause } = this.#layout
    const out = new Output(64)
    out.raw([1, 1, i32, op.call])
    out.u32(interrupt)
    out.raw([op.localTee, 0, op.i32, 1, 0x46, op.if, empty, op.unreachable, op.end])
    out.raw([op.localGet, 0, op.i32, 2, 0x46, op.if, empty, op.call])
    out.u32(pause)
    this.#dieIfDead(out)
    out.raw([op.end, op.end])
    return out.taken()
  }

  /**
   * A bulk operation whose parameters end with a count of bytes. A range out of bounds does it whole, which traps before
   * anything is written; a short one does it whole as well; a long one goes step by step with a check between.
   */
  #steps(operation: {
    readonly immediates: readonly number[]
    readonly bounds: readonly { readonly local: number; readonly memory: number }[]
    readonly advance: readonly number[]
    readonly backwards: boolean
  }): { parameters: number[]; results: number[]; body: Uint8Array } {
    const out = new Output(256)
    const count = 2
    const direct = (): void => {
      for (const local of [0, 1, 2]) out.raw([op.localGet, local])
      this.#bulk(out, operation.immediates)
    }
    out.byte(0)
    if (this.#fuel) this.#payForLength(out, count)
    out.raw([op.localGet, count, op.i32])
    out.signed(stepBytes)
    out.raw([0x4d, op.if, empty]) // i32.le_u
    direct()
    out.raw([op.return, op.end])
    for (const { local, memory } of operation.bounds) {
      // local + count > bytes of the memory, in 64 bits
      out.raw([op.localGet, local, 0xad, op.localGet, count, 0xad, 0x7c, op.memorySize])
      out.u32(memory)
      out.raw([0xad, op.i64, 16, 0x86, 0x56, op.if, empty])
      direct()
      out.raw([op.return, op.end])
    }
    const step = (fromEnd: boolean): void => {
      out.raw([op.loop, empty])
      this.check(out)
      for (const local of [0, 1]) {
        out.raw([op.localGet, local])
        if (fromEnd) {
          // local + count - step
          out.raw([op.localGet, count, 0x6a, op.i32])
          out.signed(stepBytes)
          out.byte(0x6b)
        }
      }
      out.byte(op.i32)
      out.signed(stepBytes)
      this.#bulk(out, operation.immediates)
      if (!fromEnd) {
        for (const local of operation.advance) {
          out.raw([op.localGet, local, op.i32])
          out.signed(stepBytes)
          out.raw([0x6a, op.localSet, local])
        }
      }
      out.raw([op.localGet, count, op.i32])
      out.signed(stepBytes)
      out.raw([0x6b, op.localTee, count, op.i32])
      out.signed(stepBytes)
      out.raw([0x4b, op.brIf, 0, op.end]) // i32.gt_u
      direct()
    }
    if (operation.backwards) {
      out.raw([op.localGet, 0, op.localGet, 1, 0x4b, op.if, empty]) // to > from, unsigned
      step(true)
      out.raw([op.return, op.end])
    }
    step(false)
    out.byte(op.end)
    return { parameters: [i32, i32, i32], results: [], body: out.taken() }
  }

  #bulk(out: Output, immediates: readonly number[]): void {
    out.byte(0xfc)
    for (const immediate of immediates) out.u32(immediate)
  }

  /** One unit for each 64 bytes or elements. */
  #payForLength(out: Output, local: number): void {
    out.byte(op.globalGet)
    out.u32(this.#layout.fuel)
    out.raw([op.localGet, local, 0xad, op.i64, 6, 0x88, 0x7d, op.globalSet])
    out.u32(this.#layout.fuel)
    this.check(out)
  }

  #once(key: string, make: () => { parameters: number[]; results: number[]; body: Uint8Array }): number {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const { parameters, results, body } = make()
    const index = this.#layout.tick + this.#functions.length
    this.#functions.push({ type: this.#typeOf(parameters, results), body })
    this.#byKey.set(key, index)
    return index
  }

  #typeOf(parameters: readonly number[], results: readonly number[]): number {
    const key = signature(parameters, results)
    const known = this.#typeIndexes.get(key)
    if (known !== undefined) return known
    return this.#addType(key, typeBytes(parameters, results))
  }

  #addType(key: string, bytes: Uint8Array): number {
    const index = this.#layout.types.next + this.#types.length
    this.#types.push(bytes)
    this.#typeIndexes.set(key, index)
    return index
  }

  /** A block type without parameters; results are value types as bytes. */
  #blockType(results: readonly Uint8Array[]): Uint8Array {
    if (results.length === 0) return Uint8Array.of(empty)
    if (results.length === 1) return results[0] as Uint8Array
    const out = new Output(16)
    out.raw([0x60, 0])
    out.u32(results.length)
    for (const result of results) out.raw(result)
    const bytes = out.taken()
    const key = bytes.join(' ')
    const index = this.#typeIndexes.get(key) ?? this.#addType(key, bytes)
    const type = new Output(8)
    type.signed(index)
    return type.taken()
  }
}

const signature = (parameters: readonly number[], results: readonly number[]): string =>
  `${parameters.join(' ')} -> ${results.join(' ')}`

const typeBytes = (parameters: readonly number[], results: readonly number[]): Uint8Array =>
  Uint8Array.of(0x60, parameters.length, ...parameters, results.length, ...results)

/** Value types that callers need. */
export const valueTypes = { i32, i64 } as const
