// The timers of one guest, bounded in number, those that fired and that the guest has not taken included: it may never take one.
// What fires is told to the bridge; a timer never enters the guest itself.

import type { Engine } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'

const maxTimers = 10_000
const longestMs = 2 ** 31 - 1

/** See the file's head. */
export class GuestTimers {
  readonly #running = new Map<number, Disposable>()
  readonly #after: Engine['after']
  readonly #fired: (id: number, taken: () => void) => void
  #untaken = 0

  /** `taken` is to be called when the guest takes it. */
  constructor(after: Engine['after'], fired: (id: number, taken: () => void) => void) {
    this.#after = after
    this.#fired = fired
  }

  get size(): number {
    return this.#running.size
  }

  /** Starts, or starts anew. @throws BulkheadError `plugin.failed` beyond the bound */
  start(id: number, ms: number): void {
    if (this.#running.size + this.#untaken >= maxTimers) {
      throw new BulkheadError('plugin.failed', `the plugin has more than ${maxTimers} timers`)
    }
    this.stop(id)
    const fire = (): void => {
      this.#running.delete(id)
      this.#untaken++
      this.#fired(id, this.#taken)
    }
    this.#running.set(id, this.#after(Math.min(Math.max(ms, 0), longestMs), fire))
  }

  stop(id: number): void {
    this.#running.get(id)?.[Symbol.dispose]()
    this.#running.delete(id)
  }

  /** Those that fired are dropped with it. */
  stopAll(): void {
    this.#untaken = 0
    if (this.#running.size === 0) return
    for (const timer of this.#running.values()) timer[Symbol.dispose]()
    this.#running.clear()
  }

  readonly #taken = (): void => {
    this.#untaken--
  }
}
