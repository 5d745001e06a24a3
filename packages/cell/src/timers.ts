// Timers of a cell program. A parked thread has no event loop, so its timers are looked at between two turns; on the
// host's own thread Node's serve.

/** Calls back after a time, in ms. */
export interface Timers {
  after(ms: number, run: () => void): Disposable
}

interface Timer {
  readonly dueMs: number
  readonly run: () => void
}

/** Timers that somebody has to look at. */
export class TurnTimers implements Timers {
  /** In the order in which they fall due. */
  readonly #timers: Timer[] = []

  after(ms: number, run: () => void): Disposable {
    const timer: Timer = { dueMs: performance.now() + ms, run }
    let low = 0
    let high = this.#timers.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#timers[middle]?.dueMs ?? 0) <= timer.dueMs) low = middle + 1
      else high = middle
    }
    this.#timers.splice(low, 0, timer)
    return {
      [Symbol.dispose]: () => {
        const index = this.#timers.indexOf(timer)
        if (index >= 0) this.#timers.splice(index, 1)
      },
    }
  }

  /** Milliseconds until the next one; negative when one is due, infinite without any. */
  get untilNextMs(): number {
    const [next] = this.#timers
    return next === undefined ? Number.POSITIVE_INFINITY : next.dueMs - performance.now()
  }

  /** Runs those that are due; answers how many. */
  fire(): number {
    const nowMs = performance.now()
    let fired = 0
    for (; (this.#timers[0]?.dueMs ?? Number.POSITIVE_INFINITY) <= nowMs; fired++) this.#timers.shift()?.run()
    return fired
  }
}

/** Node's own timers. */
export const eventLoopTimers: Timers = {
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1))
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

/** What a host watches deadlines with. Its timers do not keep the process alive: calls do. */
export const deadlineClock = {
  monotonic: (): number => performance.now(),
  after: (ms: number, run: () => void): Disposable => {
    const timer = setTimeout(run, Math.min(ms, 2 ** 31 - 1))
    timer.unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
