// The place that pays for calls, wherever one is in a function: see callers-pay.ts for what that is.

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
  /** The place here; -1 where there was none on this way. */
  #payer = -1

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

  /** Another function begins. */
  begin(): void {
    this.#payer = -1
  }

  /** A block begins, which has a place in the arrays of labels. */
  enter(top: number): void {
    this.#labels.payer[top] = this.#payer
  }

  /** A block ended, or another part of it begins: what was paid for in it need not have been on this way. */
  leave(top: number): void {
    this.#payer = this.#labels.payer[top] as number
  }

  /** A loop that was entered pays for its own calls, at each turn. */
  enterLoop(top: number): void {
    this.#payer = this.#labels.ownPayer[top] = this.#accounts.open()
  }

  /** Where the price of a loop's turn stands, and what it is beside calls. */
  closeLoop(top: number, hole: number, units: number): void {
    this.#accounts.put(this.#labels.ownPayer[top] as number, hole, units)
  }

  /** A call of a function by its index, which begins at `start`. */
  call(callee: number, start: number): void {
    const accounts = this.#accounts
    if (!accounts.isPaid(callee)) return
    if (this.#payer >= 0 && accounts.add(this.#payer, callee)) return
    this.#cursor.flush(start)
    this.#payer = accounts.open()
    accounts.put(this.#payer, this.#checks.pay(), 0)
    accounts.add(this.#payer, callee)
  }
}
