// How much a peer may make this side do without being asked: messages, or milliseconds. A token bucket that holds one
// second's worth.

import type { Clock } from '@bulkhead/kernel'

/** See the file's head. */
export class Throttle {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #perSecond: number
  #tokens: number
  #atMs: number

  constructor(clock: Pick<Clock, 'monotonic'>, perSecond: number) {
    this.#clock = clock
    this.#perSecond = perSecond
    this.#tokens = perSecond
    this.#atMs = clock.monotonic()
  }

  /** Pays, also with what is not there. */
  spend(amount: number): void {
    this.#tokens -= amount
  }

  /** How long to wait before reading on, ms; 0 while there is something to spend. */
  get waitMs(): number {
    if (this.#tokens > 0) return 0
    const nowMs = this.#clock.monotonic()
    this.#tokens = Math.min(this.#perSecond, this.#tokens + ((nowMs - this.#atMs) * this.#perSecond) / 1000)
    this.#atMs = nowMs
    if (this.#tokens > 0) return 0
    // Half a second's worth at least, so that a flood costs a few wake-ups and not one a message.
    return Math.ceil(((this.#perSecond / 2 - this.#tokens) * 1000) / this.#perSecond)
  }
}
