// Whose turn it is: at most so many calls at once, at most one at a time for what must not run twice, and a bounded
// line of those that wait. First come, first served, except that a call whose key is busy lets others pass.

import { BulkheadError } from '@bulkhead/kernel/wire'

/** Most calls that wait for one plugin. */
export const mostWaiting = 1000

/** Somebody's turn. */
export interface Turn {
  /** The next may begin; once is enough. */
  end(): void
}

interface Waiting {
  readonly key: string | undefined
  readonly start: (turn: Turn) => void
}

/** See the file's head. */
export class Turns {
  readonly #most: number
  readonly #what: string
  #running = 0
  // Most plugins have one busy key at the most, which needs no set.
  #firstBusy: string | undefined
  readonly #othersBusy = new Set<string>()
  readonly #waiting: Waiting[] = []

  constructor(most: number, what: string) {
    this.#most = Math.max(1, most)
    this.#what = what
  }

  /** Calls that wait. */
  get waiting(): number {
    return this.#waiting.length
  }

  /**
   * Asks for a turn; end it when done. With `key`, no two turns of the same key overlap. `leave` takes the
   * request back. @throws BulkheadError `limit.concurrency` when too many wait already
   */
  ask(key: string | undefined): { turn: Promise<Turn>; leave: () => void } {
    if (this.#waiting.length >= mostWaiting) {
      throw new BulkheadError('limit.concurrency', `${mostWaiting} calls wait for ${this.#what} already`)
    }
    let entry: Waiting | undefined
    const turn = new Promise<Turn>((resolve) => {
      entry = { key, start: resolve }
      this.#waiting.push(entry)
    })
    this.#next()
    return {
      turn,
      leave: () => {
        const index = entry === undefined ? -1 : this.#waiting.indexOf(entry)
        if (index >= 0) this.#waiting.splice(index, 1)
        // It may have been given its turn just now, with nobody left to take it.
        else void turn.then((given) => given.end())
      },
    }
  }

  /** A turn at once, where nobody waits and nothing is in the way; undefined: {@link ask}. */
  take(key: string | undefined): Turn | undefined {
    if (this.#waiting.length > 0 || this.#running >= this.#most) return undefined
    return this.#isBusy(key) ? undefined : this.#begin(key)
  }

  #next(): void {
    for (let index = 0; index < this.#waiting.length && this.#running < this.#most; ) {
      const entry = this.#waiting[index]
      if (entry === undefined || this.#isBusy(entry.key)) {
        index++
        continue
      }
      this.#waiting.splice(index, 1)
      entry.start(this.#begin(entry.key))
    }
  }

  #isBusy(key: string | undefined): boolean {
    return key !== undefined && (key === this.#firstBusy || this.#othersBusy.has(key))
  }

  #begin(key: string | undefined): Turn {
    this.#running++
    if (key !== undefined) {
      if (this.#firstBusy === undefined) this.#firstBusy = key
      else this.#othersBusy.add(key)
    }
    return new TakenTurn(this.#over, key)
  }

  readonly #over = (key: string | undefined): void => {
    this.#running--
    if (key !== undefined) {
      if (this.#firstBusy === key) this.#firstBusy = undefined
      else this.#othersBusy.delete(key)
    }
    if (this.#waiting.length > 0) this.#next()
  }
}

class TakenTurn implements Turn {
  readonly #key: string | undefined
  #over: ((key: string | undefined) => void) | undefined

  constructor(over: (key: string | undefined) => void, key: string | undefined) {
    this.#over = over
    this.#key = key
  }

  end(): void {
    const over = this.#over
    this.#over = undefined
    over?.(this.#key)
  }
}
