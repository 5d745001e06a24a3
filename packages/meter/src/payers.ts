// Where a function pays, with fuel: which place pays for the code at hand, and which for calls of small functions
// (callers-pay.ts tells what a place is). Code is paid for in stretches: a function when it is entered, the body of a loop at each
// turn, and the arms of a large branch table each by itself, or an interpreter would pay for all of its instructions at each.

import type { Accounts } from './callers-pay.ts'
import type { Checks } from './checks.ts'
import type { Cursor } from './cursor.ts'
import type { Labels } from './labels.ts'

/** See the file's head. */
export class Payers {
  readonly #cursor: Cursor
  readonly #labels: Labels
  readonly #checks: Checks
  readonly #accounts: Accounts
  /** The place that pays for calls; -1 where there was none on this way. */
  #payer = -1
  /** The place that pays for the code. */
  #stretch = -1

  constructor(parts: {
    readonly cursor: Cursor
    readonly labels: Labels
    readonly checks: Checks
    readonly accounts: Accounts
  }) {
    this.#cursor = parts.cursor
    this.#labels = parts.labels
    this.#checks = parts.checks
    this.#accounts = parts.accounts
  }

  /** A function begins, for which its callers pay or it does by itself. */
  begin(isPaid: boolean): void {
    this.#payer = -1
    this.#stretch = this.#accounts.open()
    if (!isPaid) this.#accounts.put(this.#stretch, this.#checks.pay())
  }

  /** A function has ended, which was `index`. */
  end(index: number): void {
    this.#accounts.setPrice(index, this.#accounts.unitsOf(this.#stretch))
  }

  /** A block begins, which has a place in the arrays of labels. */
  enter(top: number): void {
    this.#labels.payer[top] = this.#payer
    this.#labels.stretch[top] = this.#stretch
  }

  /**
   * A block ended, or another part of it begins: what was paid for in it need not have been on this way. So many units since
   * the last that were told; answers those that are left to tell: none.
   */
  leave(top: number, units: number): number {
    this.#accounts.spend(this.#stretch, units)
    this.#payer = this.#labels.payer[top] as number
    this.#stretch = this.#labels.stretch[top] as number
    return 0
  }

  /** After the end of a block that a large branch table leads to. */
  beginArm(at: number): void {
    this.#cursor.flush(at)
    this.#payer = this.#stretch = this.#accounts.open()
    this.#accounts.put(this.#stretch, this.#checks.pay())
  }

  /** A loop that was entered pays for itself and its calls, at each turn. */
  enterLoop(top: number, units: number): void {
    this.#accounts.spend(this.#stretch, units)
    this.#payer = this.#stretch = this.#labels.ownPayer[top] = this.#accounts.open()
  }

  /** A loop ends; answers what a turn costs, beside calls. */
  endLoop(top: number, units: number): number {
    this.#accounts.spend(this.#stretch, units)
    return this.#accounts.unitsOf(this.#labels.ownPayer[top] as number)
  }

  /** Where the price of a loop's turn stands. */
  putLoop(top: number, hole: number): void {
    this.#accounts.put(this.#labels.ownPayer[top] as number, hole)
  }

  /** A call of a function by its index, which begins at `start`. */
  call(callee: number, start: number): void {
    const accounts = this.#accounts
    if (!accounts.isPaid(callee)) return
    if (this.#payer >= 0 && accounts.add(this.#payer, callee)) return
    this.#cursor.flush(start)
    this.#payer = accounts.open()
    accounts.put(this.#payer, this.#checks.pay())
    accounts.add(this.#payer, callee)
  }
}
