// Timers of a cell program. A parked thread has no event loop, so its timers are looked at between two turns; on the
// host's own thread Node's serve.

/** Calls back after a time, in ms. */
export interface Timers {
  after(ms: number, run: () => void): Disposable
}

/** How many are called in one go: what they set going has its turn in between. */
const mostAtOnce = 1000

/** A timer, and where it is in the heap. */
class Timer {
  readonly dueMs: number
  readonly run: () => void
  /** Of those that fall due at once, the one that came first goes first. */
  readonly number: number
  index = -1

  constructor(dueMs: number, run: () => void, number: number) {
    this.dueMs = dueMs
    this.run = run
    this.number = number
  }

  isBefore(other: Timer): boolean {
    return this.dueMs < other.dueMs || (this.dueMs === other.dueMs && this.number < other.number)
  }
}

/** Timers that somebody has to look at. A heap: guests have tens of thousands of them, and drop them all when a call ends. */
export class TurnTimers implements Timers {
  /** Each falls due before the two at twice its place and after that. */
  readonly #heap: Timer[] = []
  #started = 0

  after(ms: number, run: () => void): Disposable {
    const timer = new Timer(performance.now() + ms, run, this.#started++)
    this.#heap.push(timer)
    this.#rise(timer, this.#heap.length - 1)
    return { [Symbol.dispose]: () => this.#remove(timer) }
  }

  /** Milliseconds until the next one; negative when one is due, infinite without any. */
  get untilNextMs(): number {
    const [next] = this.#heap
    return next === undefined ? Number.POSITIVE_INFINITY : next.dueMs - performance.now()
  }

  /** Runs those that are due, not too many at once; answers how many. */
  fire(): number {
    if (this.#heap.length === 0) return 0
    const nowMs = performance.now()
    let fired = 0
    for (; fired < mostAtOnce; fired++) {
      const [next] = this.#heap
      if (next === undefined || next.dueMs > nowMs) break
      this.#remove(next)
      next.run()
    }
    return fired
  }

  #remove(timer: Timer): void {
    const { index } = timer
    if (index < 0) return
    timer.index = -1
    const last = this.#heap.pop()
    if (last === undefined || last === timer) return
    // It may belong above that place, or below.
    this.#rise(last, index)
    this.#sink(last, last.index)
  }

  #rise(timer: Timer, from: number): void {
    let index = from
    while (index > 0) {
      const above = this.#heap[(index - 1) >>> 1]
      if (above === undefined || !timer.isBefore(above)) break
      const place = above.index
      this.#put(above, index)
      index = place
    }
    this.#put(timer, index)
  }

  #sink(timer: Timer, from: number): void {
    let index = from
    for (;;) {
      const left = this.#heap[2 * index + 1]
      const right = this.#heap[2 * index + 2]
      const least = right !== undefined && left !== undefined && right.isBefore(left) ? right : left
      if (least === undefined || !least.isBefore(timer)) break
      const place = least.index
      this.#put(least, index)
      index = place
    }
    this.#put(timer, index)
  }

  #put(timer: Timer, index: number): void {
    this.#heap[index] = timer
    timer.index = index
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
