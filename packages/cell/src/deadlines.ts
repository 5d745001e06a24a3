// Notices calls that are over before they have an answer because their deadline passed: one timer for many calls, which
// is armed anew when it fires and not for each call.

import { performance } from 'node:perf_hooks'

/** A call with a deadline. It is read again when it falls due, for it moves while a person is asked for an approval. */
export interface Bounded {
  /** On the monotonic clock, ms. */
  readonly deadlineMs: number
  /** Called once, when the deadline has passed. */
  overdue(): void
}

/** Longest delay that a timer can take. */
const longestTimerMs = 2 ** 31 - 1

/** See the file's head. */
export class Deadlines implements Disposable {
  readonly #bounded = new Set<Bounded>()
  #timer: NodeJS.Timeout | undefined
  #firesAtMs = Number.POSITIVE_INFINITY

  add(bounded: Bounded): void {
    this.#bounded.add(bounded)
    this.#arm(bounded.deadlineMs)
  }

  delete(bounded: Bounded): void {
    this.#bounded.delete(bounded)
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#bounded.clear()
  }

  #arm(deadlineMs: number): void {
    if (deadlineMs >= this.#firesAtMs || deadlineMs === Number.POSITIVE_INFINITY) return
    clearTimeout(this.#timer)
    this.#firesAtMs = deadlineMs
    const leftMs = Math.ceil(deadlineMs - performance.now())
    this.#timer = setTimeout(() => this.#fire(), Math.min(Math.max(leftMs, 0), longestTimerMs))
    this.#timer.unref()
  }

  #fire(): void {
    this.#firesAtMs = Number.POSITIVE_INFINITY
    const nowMs = performance.now()
    let nextMs = Number.POSITIVE_INFINITY
    for (const bounded of [...this.#bounded]) {
      const { deadlineMs } = bounded
      if (deadlineMs > nowMs) nextMs = Math.min(nextMs, deadlineMs)
      else {
        this.#bounded.delete(bounded)
        bounded.overdue()
      }
    }
    this.#arm(nextMs)
  }
}
