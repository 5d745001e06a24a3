// The blocks of the function that is rewritten: opens and closes them, writes the heads of loops, and sees to it that a check
// stands wherever one is due.
//
// Where checks stand. An execution that never ends comes to infinitely many loop heads or calls infinitely many functions.
// Each loop has a check at its head (checks.ts: once in so many turns, by the size of its body), but for those that call nothing
// and end after few turns by their code alone (bounded-loops.ts), which are as other code, of that many times their size. A function has one before
// the first call on each way through it: only activations that call nothing meet none, and without a loop an activation
// makes finitely many calls, so infinitely many calls are made by infinitely many activations that do call. Any endless
// execution therefore meets infinitely many checks. Between two of them lies a bounded amount of code: `base` tells how much
// can have been executed since the last check on the longest way here, a call counting as the most that a function may
// execute before its first check; past `mostUnchecked` a check is written, wherever that is.

import type { BodyFacts } from './body-facts.ts'
import { findBoundedLoop, readConstant } from './bounded-loops.ts'
import type { Checks } from './checks.ts'
import type { Cursor } from './cursor.ts'
import { invalid } from './fault.ts'
import { empty, op } from './instructions.ts'
import { blockKinds, type Labels } from './labels.ts'
import type { Payers } from './payers.ts'
import { WrittenLocals } from './written-locals.ts'

/** Code that may be executed without a check, by the bytes of its instructions. */
const mostUnchecked = 32 * 1024
/** What a function may execute before its first check; what a call may therefore cost its caller. */
const callWeight = 256
/** A longer function has a check at its head: it is compiled when it is first called. */
const longestUnheaded = 2048
/** Code between two checks of a loop. */
const loopWeight = 8 * 1024
/** Longest loop that counts its turns. A longer one does more in one turn than a check costs, and has no local to spare. */
const longestCounted = 512
/** Code that a loop may execute without a check, when its number of turns is known. */
const mostBounded = 16 * 1024
/** What throwing may cost: the engine looks for the handler frame by frame. */
const throwWeight = 2048
/** Deepest nesting of loops that count their turns; deeper ones check at each turn. */
export const mostCounters = 60

/** See the file's head. */
export class Flow {
  readonly #cursor: Cursor
  readonly #labels: Labels
  readonly #checks: Checks
  readonly #fuel: boolean
  readonly #payers: Payers
  #locals = 0
  #parameters = 0
  readonly #written = new WrittenLocals()
  #isWrapped = false
  #isChecked = false
  #base = 0
  #weight = 0
  #loops = 0
  /** What the block type read last takes and gives, and how many operands there are. */
  parameters = 0
  results = 0
  height = 0
  /** Where reading must stop for a check that is due, at the latest at the end of the body. */
  stop = 0
  /** Fuel units of code that no place was told to pay for yet. */
  units = 0
  /** Branches times values that live over them, and what else compiling takes; see compile-cost.ts. */
  noted = 0
  compileUnits = 0
  /** Locals that counters take. */
  counters = 0

  constructor(parts: {
    readonly cursor: Cursor
    readonly labels: Labels
    readonly checks: Checks
    readonly fuel: boolean
    readonly payers: Payers
  }) {
    this.#cursor = parts.cursor
    this.#labels = parts.labels
    this.#checks = parts.checks
    this.#fuel = parts.fuel
    this.#payers = parts.payers
  }

  begin(at: number, { locals, parameters, results, wrapper, isPaid }: BodyFacts): void {
    const labels = this.#labels
    this.#locals = locals
    this.#parameters = parameters
    this.#written.begin()
    this.#isWrapped = wrapper !== undefined
    this.#isChecked = false
    if (this.#fuel) this.#payers.begin(isPaid)
    this.#weight = 0
    this.#loops = 0
    this.units = 0
    this.noted = 0
    this.counters = this.#isWrapped ? 1 : 0
    this.#setBase(at - mostUnchecked + (this.#cursor.end - at > longestUnheaded ? 0 : callWeight))
    labels.reset()
    labels.push(blockKinds.function, this.#isWrapped ? 2 : 1)
    labels.below[0] = labels.parameters[0] = labels.checked[0] = labels.peak[0] = 0
    labels.results[0] = results
    this.#payers.enter(0)
  }

  /** Operands below the innermost block. */
  get below(): number {
    return this.#labels.below[this.#labels.depth - 1] as number
  }

  /** A branch, or several, with so many operands. */
  note(height: number, branches = 1): void {
    this.noted += branches * (this.#locals + Math.max(height, 0))
  }

  /** Writes the check that is due at a place. */
  check(at: number, height: number): void {
    const labels = this.#labels
    const top = labels.depth - 1
    this.#cursor.flush(at)
    this.#checks.check()
    this.note(height)
    labels.peak[top] = Math.max(labels.peak[top] as number, at - this.#base)
    this.#isChecked = true
    this.#setBase(at)
  }

  /** Opens a block that is no loop. */
  open(kind: number, at: number): void {
    this.note(this.height)
    this.#push(kind, 1)
    this.#labels.peak[this.#labels.depth - 1] = at - this.#base
  }

  /** A local is written, whose index stands at a place; answers it. */
  write(at: number): number {
    this.#cursor.at = at
    const local = this.#cursor.u32()
    this.#written.write(local)
    return local
  }

  /**
   * Opens a loop as {@link openLoop} does, if it is bounded and can do without a check of its own. A local was set to a constant
   * right before when `constant` is not negative: that is where the constant begins, at `set` the local's index.
   */
  openBounded(start: number, at: number, { constant, set }: { constant: number; set: number }): boolean {
    const { bytes, end } = this.#cursor
    if (this.#fuel || bytes[start + 1] !== empty) return false
    const loop = findBoundedLoop(bytes, at, end)
    if (loop === undefined) return false
    const first =
      loop.local === set && constant >= 0 ? readConstant(bytes, constant).value : this.#untouched(loop.local)
    if (first === undefined) return false
    const cost = (loop.turnsFrom(first) + 1) * loop.length
    if (cost > mostBounded) return false
    if (at - this.#base + cost > mostUnchecked) this.check(start, this.height)
    this.note(this.height)
    this.open(blockKinds.block, at)
    this.#labels.peak[this.#labels.depth - 1] = at - this.#base + cost
    this.#weight += cost
    return true
  }

  /** Zero, if a local still has its first value. */
  #untouched(local: number): 0 | undefined {
    if (this.#loops > 0 || local < this.#parameters) return undefined
    return this.#written.isUntouched(local) ? 0 : undefined
  }

  /** Opens a loop whose opcode is at `start` and whose block type ends at `at`, and begins to count its units. */
  openLoop(start: number, at: number): void {
    const labels = this.#labels
    const checks = this.#checks
    const cursor = this.#cursor
    const blockType = cursor.bytes.subarray(start + 1, at)
    cursor.flush(start)
    cursor.copied = at
    this.note(this.height, 3)
    const top = this.#push(blockKinds.loop, 2)
    labels.start[top] = start
    labels.bodyStart[top] = at
    labels.weight[top] = this.#weight
    labels.head[top] = cursor.out.at
    labels.headEnd[top] = checks.loopHead(this.#counter(), blockType)
    if (this.#fuel) this.#payers.enterLoop(top, this.units)
    this.units = 0
    this.#loops++
    if (!this.#fuel) this.counters = Math.max(this.counters, Math.min(this.#loops, mostCounters))
    this.#isChecked = true
    labels.peak[top] = 0
    this.#setBase(at)
  }

  /** Begins another part of the innermost block: else, catch, catch_all. */
  reopen(at: number, height: number): void {
    const labels = this.#labels
    const top = labels.depth - 1
    if (top < 0) throw invalid('a function goes on after its end')
    this.note(height)
    this.#isChecked = labels.checked[top] === 1
    this.units = this.#fuel ? this.#payers.leave(top, this.units) : 0
    const cost = Math.max(at - this.#base, labels.peak[top] as number)
    labels.peak[top] = cost
    this.#setBase(at - cost)
  }

  /** Closes the innermost block, whose `end` was read; answers how many operands there are then. */
  close(at: number): number {
    const labels = this.#labels
    const top = labels.depth - 1
    if (top < 0) throw invalid('a function goes on after its end')
    let cost = Math.max(at - this.#base, labels.peak[top] as number)
    if (labels.kind[top] === blockKinds.loop) {
      this.#closeLoop(at, top)
      cost += loopWeight
    } else {
      labels.pop(1)
      this.#isChecked = labels.checked[top] === 1
      if (top === 0 && at !== this.#cursor.end) throw invalid('a function goes on after its end')
    }
    this.units = this.#fuel ? this.#payers.leave(top, this.units) : 0
    if (labels.arm[top] === 1) this.#payers.beginArm(at)
    if (top > 0) labels.peak[top - 1] = Math.max(labels.peak[top - 1] as number, cost)
    this.#setBase(at - cost)
    return (labels.below[top] as number) + (labels.results[top] as number)
  }

  /** A call, or what becomes one: there must have been a check, and what is called may not have one at once. */
  beforeCall(start: number, height: number): void {
    if (!this.#isChecked) this.check(start, height)
    this.#add(callWeight)
  }

  beforeThrow(start: number): void {
    this.#add(throwWeight)
    this.leave(start)
  }

  /** The function ends other than by its end. */
  leave(start: number): void {
    if (!this.#isWrapped) return
    this.#cursor.flush(start)
    this.#checks.refund(this.#locals)
  }

  #closeLoop(at: number, top: number): void {
    const labels = this.#labels
    labels.pop(2)
    this.#loops--
    // Its only label is at its head: who comes here came by a check.
    this.#isChecked = true
    const { bytes, out } = this.#cursor
    this.#cursor.flush(at)
    out.byte(op.end)
    const start = labels.start[top] as number
    const bodyStart = labels.bodyStart[top] as number
    const head = {
      start: labels.head[top] as number,
      end: labels.headEnd[top] as number,
      type: bytes.subarray(start + 1, bodyStart),
      counter: this.#counter(),
    }
    const size = at - bodyStart + this.#weight - (labels.weight[top] as number)
    const units = this.#fuel ? this.#payers.endLoop(top, this.units) : 0
    // What a loop took in advance is missing to those that it calls.
    const pays = this.#fuel && this.#weight !== (labels.weight[top] as number)
    if (size > longestCounted || pays || this.#loops >= mostCounters) {
      const hole = this.#checks.fillLong(head, units)
      if (this.#fuel) this.#payers.putLoop(top, hole)
    } else this.#checks.fillShort(head, { turns: Math.floor(loopWeight / size), units })
    this.units = 0
  }

  /** The local that counts for the next loop. */
  #counter(): number {
    return this.#locals + (this.#fuel ? 0 : Math.min(this.#loops, mostCounters - 1))
  }

  #push(kind: number, moved: number): number {
    const labels = this.#labels
    const around = labels.depth > 0 ? this.below : 0
    const top = labels.push(kind, moved)
    labels.below[top] = Math.max(this.height - this.parameters, around)
    labels.parameters[top] = this.parameters
    labels.results[top] = this.results
    labels.checked[top] = this.#isChecked ? 1 : 0
    this.#payers.enter(top)
    return top
  }

  #add(weight: number): void {
    this.#weight += weight
    this.#setBase(this.#base - weight)
  }

  #setBase(base: number): void {
    this.#base = base
    this.stop = Math.min(this.#cursor.end, base + mostUnchecked)
  }
}
