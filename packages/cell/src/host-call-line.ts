// Bounds what the host calls of one call make the host hold: how many are under way at once, answers that the cell has not taken
// yet included (a guest that asks for a thousand large answers and never takes one would fill the host's memory with them), and
// what those carry that wait.

import { BulkheadError } from '@bulkhead/kernel/wire'

/** Host calls of one call at once; the others wait in line. */
export const mostHostCallsAtOnce = 16
/** Bytes that the host calls of one call carry together; the largest content alone is below that. */
export const mostHeldBytes = 80 * 1024 * 1024

/** See the file's head. */
export class HostCallLine {
  #free = mostHostCallsAtOnce
  #heldBytes = 0
  readonly #waiting: (() => void)[] = []

  /** Waits for a place. Call {@link leave} once for each. */
  enter(): Promise<void> {
    if (this.#free === 0) return new Promise((resolve) => void this.#waiting.push(resolve))
    this.#free--
    return Promise.resolve()
  }

  leave(): void {
    const next = this.#waiting.shift()
    if (next === undefined) this.#free++
    else next()
  }

  /** Makes room for what a host call carries; answers what to run when it is gone. @throws BulkheadError `limit.host-calls` */
  hold(bytes: number): () => void {
    if (this.#heldBytes + bytes > mostHeldBytes) {
      throw new BulkheadError(
        'limit.host-calls',
        `the host calls of one call that are under way carry more than ${mostHeldBytes} bytes`,
        { hint: 'Wait for some of them before making more.' },
      )
    }
    this.#heldBytes += bytes
    return () => {
      this.#heldBytes -= bytes
    }
  }
}
