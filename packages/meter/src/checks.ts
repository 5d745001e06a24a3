// The code that the meter writes into functions: the check of the flag, the heads of loops, the account of fuel.
//
// A long loop `loop T … end` gets the check at its head:
//
//   block T  loop T  <check>  …  end  end
//
// A short one becomes two, the inner of which is the guest's own:
//
//   loop T  <check>  (counter := turns + 1)  loop T  (counter := counter - 1; br_if 1 if zero)  …  end  end
//
// so that the flag is read once in so many turns, and the engine may unroll the guest's loop, which holds no call. Branches to
// the loop meet the inner head. With fuel, a long loop pays at each turn; a short one takes units in advance, into a local:
//
//   loop T  (if advance < 0: take more)  <check>  loop T  (advance := advance - price; br_if 1 if < 0)  …  end  end
//
// and what is left of them is given back when the function ends. How long a loop is shows at its end: until then there is
// room for either head, in which the check stands at the same place.

import type { Hints } from './hints.ts'
import { empty, indexed, op } from './instructions.ts'
import type { Layout } from './layout.ts'
import { stateBits } from './names.ts'
import type { Output } from './output.ts'

/** Bytes of a number of turns in a loop's head. */
const turnsBytes = 2
/** Most turns between two checks: what fits. */
const mostTurns = 8000
/** Units that a loop takes in advance, if there are as many and one turn does not need more. */
const advanceUnits = 1024

/** The head of a loop, for which there is room from `start` to `end`. */
export interface LoopHead {
  readonly start: number
  readonly end: number
  /** Block type of the loop. */
  readonly type: Uint8Array
  /** The local that counts. */
  readonly counter: number
}

/** See the file's head. Writes to one output. */
export class Checks {
  readonly #out: Output
  readonly #layout: Layout
  readonly #hints: Hints | undefined
  readonly #hasFlag: boolean
  /** Where the body at hand begins. */
  bodyStart = 0
  /** While a head is filled in for which there are hints. */
  #isMuted = false
  /** Bytes of what takes units in advance, before the check; the same for all loops of a function. */
  #takingBytes = 0

  /** Without the flag, checks are for the fuel alone. */
  constructor(
    out: Output,
    layout: Layout,
    { hints, hasFlag = true }: { readonly hints?: Hints; readonly hasFlag?: boolean } = {},
  ) {
    this.#out = out
    this.#layout = layout
    this.#hints = hints
    this.#hasFlag = hasFlag
  }

  /** Leaves the guest's code if the flag is up or the fuel is used up. Needs and leaves no operands. */
  check(): void {
    const out = this.#out
    const { fuel, tick } = this.#layout
    if (this.#hasFlag) this.#loadFlag()
    if (fuel >= 0) {
      indexed(out, op.globalGet, fuel)
      out.raw([op.i64Const, 0, op.i64LtS])
      if (this.#hasFlag) out.byte(op.i32Or)
    }
    this.#unlikely()
    out.raw([op.if, empty])
    indexed(out, op.call, tick)
    out.byte(op.end)
  }

  /** Leaves room for the head of a loop; answers where it ends. Fills it in as if the loop were short. */
  loopHead(counter: number, type: Uint8Array): number {
    const out = this.#out
    const start = out.at
    if (this.#layout.fuel < 0) {
      // Room for the second block of the other head.
      this.#pad(start + 1 + type.length)
      this.#countedHead({ counter, type, start, end: start }, mostTurns)
    } else this.#advancingHead({ counter, type, start, end: start }, 0)
    return out.at
  }

  /** Fills in the head of a short loop that may turn so often between two checks, or whose turns cost so much. */
  fillShort(head: LoopHead, { turns, units }: { turns: number; units: number }): void {
    this.#fill(head, () => {
      if (this.#layout.fuel >= 0) return this.#advancingHead(head, units)
      this.#pad(head.start + 1 + head.type.length)
      this.#countedHead(head, Math.min(Math.max(turns, 1), mostTurns))
    })
  }

  /** Fills in the head of a long loop; answers where the price of a turn stands, if it has one. */
  fillLong(head: LoopHead, units: number): number {
    let price = -1
    this.#fill(head, () => {
      const out = this.#out
      out.byte(op.block)
      out.raw(head.type)
      out.byte(op.loop)
      out.raw(head.type)
      if (this.#layout.fuel >= 0) {
        price = this.pay()
        out.patch(price, units)
        this.#pad(head.start + 1 + head.type.length + this.#takingBytes)
      }
      this.check()
    })
    return price
  }

  #fill(head: LoopHead, write: () => void): void {
    const out = this.#out
    const { at } = out
    out.at = head.start
    this.#isMuted = true
    write()
    this.#isMuted = false
    this.#pad(head.end)
    out.at = at
  }

  #countedHead({ counter, type }: LoopHead, turns: number): void {
    const out = this.#out
    out.byte(op.loop)
    out.raw(type)
    this.check()
    out.byte(op.i32Const)
    out.patch(out.hole(turnsBytes), turns + 1, turnsBytes)
    indexed(out, op.localSet, counter)
    out.byte(op.loop)
    out.raw(type)
    indexed(out, op.localGet, counter)
    out.raw([op.i32Const, 1, op.i32Sub])
    indexed(out, op.localTee, counter)
    out.byte(op.i32Eqz)
    this.#unlikely()
    out.raw([op.branchIf, 1])
  }

  #advancingHead({ counter, type }: LoopHead, units: number): void {
    const out = this.#out
    const { fuel } = this.#layout
    const taken = Math.max(advanceUnits, units)
    out.byte(op.loop)
    out.raw(type)
    const takingStart = out.at
    indexed(out, op.localGet, counter)
    out.raw([op.i32Const, 0, op.i32LtS])
    this.#unlikely()
    out.raw([op.if, empty])
    // What was charged for the turn that did not begin is in the counter still: fuel += counter + units.
    indexed(out, op.globalGet, fuel)
    indexed(out, op.localGet, counter)
    this.#padded(units)
    out.raw([op.i32Add, op.i64ExtendS, op.i64Add])
    indexed(out, op.globalSet, fuel)
    // Where there is less than is taken otherwise, one turn is paid for: counter := fuel < taken ? units : taken.
    this.#padded(units)
    this.#padded(taken)
    indexed(out, op.globalGet, fuel)
    out.byte(op.i64Const)
    out.patch(out.hole(), taken)
    out.raw([op.i64LtS, op.select])
    indexed(out, op.localSet, counter)
    indexed(out, op.globalGet, fuel)
    indexed(out, op.localGet, counter)
    out.raw([op.i64ExtendS, op.i64Sub])
    indexed(out, op.globalSet, fuel)
    out.byte(op.end)
    this.#takingBytes = out.at - takingStart
    this.check()
    out.byte(op.loop)
    out.raw(type)
    indexed(out, op.localGet, counter)
    this.#padded(units)
    out.byte(op.i32Sub)
    indexed(out, op.localTee, counter)
    out.raw([op.i32Const, 0, op.i32LtS])
    this.#unlikely()
    out.raw([op.branchIf, 1])
  }

  /** A constant of 32 bits that takes the same room whatever it is. */
  #padded(value: number): void {
    this.#out.byte(op.i32Const)
    this.#out.patch(this.#out.hole(), value)
  }

  /** Does nothing up to a place. */
  #pad(until: number): void {
    while (this.#out.at < until) this.#out.byte(op.nop)
  }

  /** Pays at the entry of a function, or for calls; answers where the price goes. */
  pay(): number {
    const out = this.#out
    const { fuel } = this.#layout
    indexed(out, op.globalGet, fuel)
    out.byte(op.i64Const)
    const hole = out.hole()
    out.byte(op.i64Sub)
    indexed(out, op.globalSet, fuel)
    return hole
  }

  /** Gives back what was taken in advance. */
  refund(advance: number): void {
    const out = this.#out
    const { fuel } = this.#layout
    indexed(out, op.globalGet, fuel)
    indexed(out, op.localGet, advance)
    out.raw([op.i64ExtendS, op.i64Add])
    indexed(out, op.globalSet, fuel)
    out.raw([op.i32Const, 0])
    indexed(out, op.localSet, advance)
  }

  /** Sets a bit of the state. */
  mark(bit: number): void {
    const out = this.#out
    indexed(out, op.globalGet, this.#layout.state)
    out.raw([op.i32Const, bit, op.i32Or])
    indexed(out, op.globalSet, this.#layout.state)
  }

  /** Traps, if the guest is dead. */
  dieIfDead(): void {
    const out = this.#out
    indexed(out, op.globalGet, this.#layout.state)
    out.raw([op.i32Const, stateBits.dead, op.i32And])
    this.#unlikely()
    out.raw([op.if, empty, op.unreachable, op.end])
  }

  /**
   * A plain load, for V8 tests the alignment of the address of an atomic one each time, which costs more than all the rest.
   * It stays where it is: the slow path is a call that may write any memory, in every loop that it is in.
   */
  #loadFlag(): void {
    const out = this.#out
    out.raw([op.i32Const, 0, op.i32Load])
    // Alignment 2^2, with bit 6: a memory index follows.
    out.byte(0x42)
    out.u32(this.#layout.epochMemory)
    out.byte(0)
  }

  /** The branch that is written next is hardly ever taken. */
  #unlikely(): void {
    if (!this.#isMuted) this.#hints?.add(this.#out.at - this.bodyStart, 0)
  }
}
