// The functions that the meter appends to a module, and the types that these need: the slow path of its checks, one function
// for each import, and one for each kind of long operation that the module uses.

import { Checks } from './checks.ts'
import { feature } from './fault.ts'
import { empty, indexed, op } from './instructions.ts'
import type { Layout } from './layout.ts'
import { frameName } from './names.ts'
import { Output } from './output.ts'
import type { FunctionType } from './type-section.ts'
import { isExceptionType, valueTypes } from './value-types.ts'

/** How a module writes exception handling. V8 refuses a module that mixes the two. */
export type ExceptionEncoding = 'legacy' | 'standard'

/** A function that is appended: its type as an index, its body with the declarations of locals, its name in traces. */
export interface AppendedFunction {
  readonly type: number
  readonly body: Uint8Array
  readonly name: string
}

/** A function type by its bytes: value types of parameters and of results, and how many of each. */
export interface Signature {
  readonly parameters: readonly (readonly number[])[]
  readonly results: readonly (readonly number[])[]
}

/** V8 puts functions of more bytes than this into no other: the slow path must not fill up the loops that it is called from. */
const longestInlined = 500
/** Bytes of all bodies together: one is made for each combination that the module uses, so that their number is the guest's. */
const mostBytes = 32 * 1024 * 1024

const catchAllReference = 3

/** See the file's head. */
export class Appended {
  readonly layout: Layout
  readonly #functions: (AppendedFunction | undefined)[] = []
  readonly #types: Uint8Array[] = []
  readonly #typeIndexes = new Map<string, number>()
  readonly #byKey = new Map<string, number>()
  #bytes = 0

  constructor(layout: Layout) {
    this.layout = layout
    const { i32 } = valueTypes
    this.#typeIndexes.set(typeBytes({ parameters: [], results: [[i32]] }).join(' '), layout.types.interrupt)
    this.#typeIndexes.set(typeBytes({ parameters: [], results: [] }).join(' '), layout.types.nothing)
    // The slow path and what stands for imports have their places; they are made last.
    for (let index = 0; index <= layout.counts.importedFunctions; index++) this.#functions.push(undefined)
  }

  /** Types to append after the original ones, the first two of the layout among them. */
  get types(): readonly Uint8Array[] {
    const { i32 } = valueTypes
    return [typeBytes({ parameters: [], results: [[i32]] }), typeBytes({ parameters: [], results: [] }), ...this.#types]
  }

  /** All of them, in order. */
  get functions(): readonly AppendedFunction[] {
    return this.#functions as AppendedFunction[]
  }

  /** Makes the slow path: calls `interrupt`; 1: dies, 2: pauses, after which the guest may have been ended. */
  makeTick(encoding: ExceptionEncoding): void {
    const { interrupt, pause, types } = this.layout
    const out = new Output(longestInlined + 200)
    const checks = new Checks(out, this.layout)
    out.raw([1, 1, valueTypes.i32])
    guarded(out, {
      checks,
      encoding,
      results: [valueTypes.i32],
      call: () => indexed(out, op.call, interrupt),
      leave: () => indexed(out, op.localSet, 0),
    })
    out.raw([op.localGet, 0, op.i32Const, 1, op.i32Eq, op.if, empty, op.unreachable, op.end])
    out.raw([op.localGet, 0, op.i32Const, 2, op.i32Eq, op.if, empty])
    guarded(out, {
      checks,
      encoding,
      results: [empty],
      call: () => indexed(out, op.call, pause),
      leave: () => checks.dieIfDead(),
    })
    out.byte(op.end)
    out.raw(new Uint8Array(longestInlined + 1).fill(op.nop))
    out.byte(op.end)
    this.#put(0, { type: types.nothing, body: out.taken(), name: frameName('check') })
  }

  /** Makes what stands for an import: calls it, and once it returns or throws, traps if the guest is dead. */
  wrap(
    index: number,
    imported: { type: number; signature: FunctionType; bytes: Uint8Array },
    encoding: ExceptionEncoding,
  ): void {
    const { type, signature, bytes } = imported
    const out = new Output(64 + signature.parameters * 4)
    const checks = new Checks(out, this.layout)
    out.byte(0)
    guarded(out, {
      checks,
      encoding,
      results: this.blockType(signature, bytes),
      call: () => {
        for (let parameter = 0; parameter < signature.parameters; parameter++) indexed(out, op.localGet, parameter)
        indexed(out, op.call, this.layout.imports[index] as number)
      },
      leave: () => checks.dieIfDead(),
    })
    out.byte(op.end)
    this.#put(1 + index, { type, body: out.taken(), name: frameName('import') })
  }

  /** Puts a substitute in the place of the wrapper of an import. */
  substitute(index: number, type: number, body: Uint8Array): void {
    this.#put(1 + index, { type, body, name: frameName('memory-block') })
  }

  /** Index of the function of a key, which is made the first time. @throws ModuleFault when they become too many */
  once(key: string, make: () => { signature: Signature; body: Uint8Array; name: string }): number {
    const known = this.#byKey.get(key)
    if (known !== undefined) return known
    const { signature, body, name } = make()
    const index = this.layout.tick + this.#functions.length
    this.#functions.push(undefined)
    this.#put(index - this.layout.tick, { type: this.#typeOf(typeBytes(signature)), body, name: frameName(name) })
    this.#byKey.set(key, index)
    return index
  }

  /**
   * Bytes of the block type without parameters that has a function's results. One of exceptions is written as the index of
   * a type: spelt out in code, V8 takes it for the standard encoding of exception handling.
   */
  blockType({ results, resultTypes }: FunctionType, bytes: Uint8Array): ArrayLike<number> {
    if (results === 0) return [empty]
    const types = bytes.subarray(resultTypes.start, resultTypes.end)
    if (results === 1 && !isExceptionType(types)) return types
    const whole = new Output(types.length + 8)
    whole.raw([0x60, 0])
    whole.u32(results)
    whole.raw(types)
    const type = new Output(8)
    type.signed(this.#typeOf(whole.taken()))
    return type.taken()
  }

  #typeOf(bytes: Uint8Array): number {
    const key = bytes.join(' ')
    const known = this.#typeIndexes.get(key)
    if (known !== undefined) return known
    const index = this.layout.types.next + this.#types.length
    this.#types.push(bytes)
    this.#typeIndexes.set(key, index)
    return index
  }

  #put(place: number, added: AppendedFunction): void {
    this.#bytes += added.body.length
    if (this.#bytes > mostBytes) {
      throw feature('the module uses too many different bulk operations, or imports too many functions')
    }
    this.#functions[place] = added
  }
}

const typeBytes = ({ parameters, results }: Signature): Uint8Array =>
  Uint8Array.from([0x60, parameters.length, ...parameters.flat(), results.length, ...results.flat()])

/** Calls something; whatever it throws is caught, tested for, and thrown again. */
const guarded = (
  out: Output,
  parts: {
    readonly checks: Checks
    readonly encoding: ExceptionEncoding
    readonly results: ArrayLike<number>
    call(): void
    /** Follows the call when it returned. */
    leave(): void
  },
): void => {
  const { checks, encoding, results, call, leave } = parts
  if (encoding === 'legacy') {
    out.byte(op.try)
    out.raw(results)
    call()
    out.byte(op.catchAll)
    checks.dieIfDead()
    out.raw([op.rethrow, 0, op.end])
  } else {
    // The outer block has the results, the inner one the exception.
    out.byte(op.block)
    out.raw(results)
    out.raw([op.block, valueTypes.exnref, op.tryTable])
    out.raw(results)
    out.raw([1, catchAllReference, 0])
    call()
    out.raw([op.end, op.branch, 1, op.end])
    checks.dieIfDead()
    out.raw([op.throwReference, op.end])
  }
  leave()
}
