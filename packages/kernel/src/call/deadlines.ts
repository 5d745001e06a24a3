// Notices work that is over because its deadline passed: one timer for much work, armed anew when it fires and not for
// each piece.

import type { Clock } from '../ports.ts'
import { Roster, type RosterEntry } from './roster.ts'

/** Work with a deadline. It is read again when it falls due, for it may move (while a person is asked, say). */
export interface Bounded {
  /** On the monotonic clock, ms. */
  readonly deadlineMs: number
  /** Called once, when the deadline has passed. */
  overdue(): void
}

/** See the file's head. */
export class Deadlines implements Disposable {
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>
  readonly #bounded = new Roster<Bounded>()
  #timer: Disposable | undefined
  #firesAtMs = Number.POSITIVE_INFINITY

  constructor(clock: Pick<Clock, 'monotonic' | 'after'>) {
    this.#clock = clock
  }

  /** Watches over it, until it leaves. */
  add(bounded: Bounded): RosterEntry {
    this.#arm(bounded.deadlineMs)
    return this.#bounded.add(bounded)
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]()
    this.#bounded.clear()
  }

  #arm(deadlineMs: number): void {
    if (deadlineMs >= this.#firesAtMs || deadlineMs === Number.POSITIVE_INFINITY) return
    this.#timer?.[Symbol.dispose]()
    this.#firesAtMs = deadlineMs
    const leftMs = Math.ceil(deadlineMs - this.#clock.monotonic())
    this.#timer = this.#clock.after(Math.max(leftMs, 0), () => this.#fire())
  }

  #fire(): void {
    this.#firesAtMs = Number.POSITIVE_INFINITY
    const nowMs = this.#clock.monotonic()
    let nextMs = Number.POSITIVE_INFINITY
    const due = this.#bounded.takeOut(({ deadlineMs }) => {
      if (deadlineMs > nowMs) nextMs = Math.min(nextMs, deadlineMs)
      return deadlineMs <= nowMs
    })
    this.#arm(nextMs)
    for (const bounded of due) bounded.overdue()
  }
}
