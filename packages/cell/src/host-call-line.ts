// Bounds how many host calls of one call are under way at once, answers that the cell has not taken yet included: a
// guest that asks for a thousand large answers and never takes one would fill the host's memory with them.

/** Host calls of one call at once; the others wait in line. */
export const mostHostCallsAtOnce = 16

/** See the file's head. */
export class HostCallLine {
  #free = mostHostCallsAtOnce
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
}
