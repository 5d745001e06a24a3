// With fuel, callers pay for small functions. A function that does little takes less time than its own payment, which must wait
// for the one before it; so where every call of it is known, whoever calls it pays for it, and for all else that
// is called on the same way, at once.
//
// A place is where code pays for calls: the head of a loop, for all calls of one turn; elsewhere, before the first such call on a
// way, for that and all that follow until ways part or meet again. Every call belongs to one place, which is executed
// before it, once for each time that the call can be. What a place costs is known when all functions are: then it is filled in.

import { type ConstContext, readConstExpression, refFunc } from './const-expression.ts'
import type { ModuleParts } from './module-parts.ts'
import type { Output } from './output.ts'
import { Reader } from './reader.ts'
import { elementCounts } from './rewrite-segments.ts'

/** Longest function for which its callers pay, in bytes: a call that does not come about is paid for as well. */
export const mostBodyBytes = 96
/** Longest code section in which they do: every call is noted. */
const mostCodeBytes = 8 * 1024 * 1024
/** Most calls that one place pays for: what fits into its number. */
const mostCalls = 65_536

/**
 * By function, whether its callers pay: it is small, and nothing but calls by its index can reach it. A valid module's code takes
 * references to those functions only that it mentions outside of its code as well.
 */
export const paidByCallers = (parts: ModuleParts, given: ConstContext, importedFunctions: number): Uint8Array => {
  const paid = new Uint8Array(importedFunctions + parts.functions.length)
  const code = again(parts, 10)
  if (code === undefined || code.end - code.at > mostCodeBytes) return paid
  const count = code.u32('function bodies')
  for (let index = 0; index < count; index++) {
    const bytes = code.u32('the length of a function')
    if (bytes <= mostBodyBytes) paid[importedFunctions + index] = 1
    code.skip(bytes, 'a function')
  }
  const reached = (index: number): void => void (paid[index] = 0)
  for (const { kind, index } of parts.exports) if (kind === 'function') reached(index)
  if (parts.start !== undefined) reached(parts.start)
  // What constant expressions allocate is counted when they are written.
  const context = { ...given, heap: { bytes: 0 } }
  for (const { init } of [...parts.globals, ...parts.tables]) {
    if (init.end === init.start) continue
    readConstExpression(new Reader(parts.bytes, init.start, init.end), context, (opcode, _at, index) => {
      if (opcode === refFunc) reached(index)
    })
  }
  const elements = again(parts, 9)
  if (elements !== undefined) elementCounts(elements, context, reached)
  return paid
}

const again = ({ raw }: ModuleParts, id: number): Reader | undefined => {
  const section = raw.get(id)
  return section === undefined ? undefined : new Reader(section.bytes, section.at, section.end)
}

/** How far accounts had come; see {@link Accounts.rewind}. */
export interface AccountMark {
  readonly places: number
  readonly calls: number
}

/** The places of a module, and what they pay for. */
export class Accounts {
  readonly #paid: Uint8Array
  /** Units of each function's own stretch. */
  readonly #prices: Float64Array
  /** By place: where its number goes (-1: nowhere yet), the units that it pays beside calls, and how many calls it pays for. */
  readonly #holes: number[] = []
  readonly #units: number[] = []
  readonly #counts: number[] = []
  // Each call: its place and what is called.
  readonly #callPlaces: number[] = []
  readonly #callees: number[] = []

  constructor(paid: Uint8Array) {
    this.#paid = paid
    this.#prices = new Float64Array(paid.length)
  }

  /** Whether callers pay for a function. */
  isPaid(index: number): boolean {
    return this.#paid[index] === 1
  }

  /** What a function's own stretch costs. */
  setPrice(index: number, units: number): void {
    this.#prices[index] = units
  }

  /** A place that pays for no call yet. */
  open(): number {
    this.#units.push(0)
    this.#counts.push(0)
    return this.#holes.push(-1) - 1
  }

  /** Where the number of a place goes. */
  put(place: number, hole: number): void {
    this.#holes[place] = hole
  }

  /** Code for which a place pays beside calls. */
  spend(place: number, units: number): void {
    this.#units[place] = (this.#units[place] as number) + units
  }

  /** What a place pays beside calls, so far. */
  unitsOf(place: number): number {
    return this.#units[place] as number
  }

  /** A call for which a place pays; false when it pays for too many already. */
  add(place: number, callee: number): boolean {
    const count = this.#counts[place] as number
    if (count === mostCalls) return false
    this.#counts[place] = count + 1
    this.#callPlaces.push(place)
    this.#callees.push(callee)
    return true
  }

  get mark(): AccountMark {
    return { places: this.#holes.length, calls: this.#callees.length }
  }

  /** Forgets what came after a mark: that code is written again. */
  rewind({ places, calls }: AccountMark): void {
    this.#holes.length = this.#units.length = this.#counts.length = places
    this.#callPlaces.length = this.#callees.length = calls
  }

  /** Fills in the numbers, when the price of every function is known. */
  settle(out: Output): void {
    for (let index = 0; index < this.#callees.length; index++) {
      const place = this.#callPlaces[index] as number
      this.#units[place] = (this.#units[place] as number) + (this.#prices[this.#callees[index] as number] as number)
    }
    for (let place = 0; place < this.#holes.length; place++) {
      const hole = this.#holes[place] as number
      if (hole >= 0) out.patch(hole, this.#units[place] as number)
    }
  }
}
