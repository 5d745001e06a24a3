// Holds back who sends in ever smaller pieces: each piece takes a turn of the host's event loop, however small it is.

import { setTimeout as sleep } from 'node:timers/promises'

/** Pieces of all connections of one proxy in one second; a bulk transfer has far fewer, and larger ones. */
export const mostPiecesPerSecond = 10_000

/** What it tells time by, ms. */
export interface PaceClock {
  now(): number
  wait(ms: number): Promise<unknown>
}

const nodeClock: PaceClock = {
  now: () => performance.now(),
  wait: (ms) => sleep(ms, undefined, { ref: false }),
}

/** See the file's head. */
export class Pace {
  readonly #clock: PaceClock
  #secondStartedMs = Number.NEGATIVE_INFINITY
  #pieces = 0

  constructor(clock: PaceClock = nodeClock) {
    this.#clock = clock
  }

  /** Counts one piece; waits for the next second when this one is used up. */
  async take(): Promise<void> {
    for (;;) {
      const nowMs = this.#clock.now()
      if (nowMs - this.#secondStartedMs >= 1000) {
        this.#secondStartedMs = nowMs
        this.#pieces = 0
      }
      if (this.#pieces < mostPiecesPerSecond) {
        this.#pieces++
        return
      }
      await this.#clock.wait(Math.ceil(this.#secondStartedMs + 1000 - nowMs))
    }
  }
}
