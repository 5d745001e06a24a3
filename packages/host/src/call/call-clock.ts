// The clock of one call, with two bounds. The plugin's own wall limit stands still while the call waits in a host function
// and while a person is asked. The bounds that others set (the caller's timeout, the action's) stand still only while a
// person is asked. What passes first ends the call.

import { type Bounded, BulkheadError, type Clock, type Deadlines, OwnedLifetime } from '@bulkhead/kernel'
import { cancelled } from '../edge/signals-node.ts'

/** What bounds the call, ms. */
export interface CallClockOptions {
  /** The plugin's own limit. */
  readonly limitMs: number
  /** The least of what others allow; infinite when nobody says anything. */
  readonly timeoutMs: number
  /** The caller's. */
  readonly signal?: AbortSignal | undefined
  /** For the message of `limit.time`. */
  readonly what: string
}

/** A span of the clock that stands still while something is counted above zero. */
interface Still {
  depth: number
  sinceMs: number
}

/** See the file's head. Disposing stops it without ending anything. */
export class CallClock extends OwnedLifetime implements Bounded, Disposable {
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #options: CallClockOptions
  readonly #deadlines: Deadlines
  readonly #asked: Still = { depth: 0, sinceMs: 0 }
  readonly #waiting: Still = { depth: 0, sinceMs: 0 }
  #limitAtMs: number
  #timeoutAtMs: number

  constructor(
    parts: { readonly clock: Pick<Clock, 'monotonic'>; readonly deadlines: Deadlines },
    options: CallClockOptions,
  ) {
    super(() => new AbortController())
    this.#clock = parts.clock
    this.#deadlines = parts.deadlines
    this.#options = options
    const now = parts.clock.monotonic()
    this.#limitAtMs = now + options.limitMs
    this.#timeoutAtMs = now + options.timeoutMs
    const { signal } = options
    if (signal?.aborted === true) this.#aborted()
    else signal?.addEventListener('abort', this.#aborted, { once: true })
    this.#deadlines.add(this)
  }

  /** On the monotonic clock; moves on while a bound stands still. */
  get deadlineMs(): number {
    const { depth: asked, sinceMs: askedSince } = this.#asked
    const { depth: waiting, sinceMs: waitingSince } = this.#waiting
    if (asked === 0 && waiting === 0) return Math.min(this.#limitAtMs, this.#timeoutAtMs)
    const now = this.#clock.monotonic()
    const timeoutAt = asked > 0 ? this.#timeoutAtMs + now - askedSince : this.#timeoutAtMs
    const since = waiting === 0 ? askedSince : asked === 0 ? waitingSince : Math.min(askedSince, waitingSince)
    return Math.min(this.#limitAtMs + now - since, timeoutAt)
  }

  overdue(): void {
    const { limitMs, timeoutMs, what } = this.#options
    const hit = this.#limitAtMs <= this.#timeoutAtMs ? limitMs : timeoutMs
    this.end(new BulkheadError('limit.time', `${what} ran past its limit of ${hit} ms`))
  }

  /** Both bounds stand still until the returned handle is disposed: a person is asked. May be nested. */
  pause(): Disposable {
    if (this.#asked.depth++ === 0) this.#asked.sinceMs = this.#clock.monotonic()
    let resumed = false
    return {
      [Symbol.dispose]: () => {
        if (resumed) return
        resumed = true
        if (--this.#asked.depth > 0) return
        const now = this.#clock.monotonic()
        this.#timeoutAtMs += now - this.#asked.sinceMs
        // While it waits for the host as well, that span covers this one, or begins where this one ends.
        if (this.#waiting.depth === 0) this.#limitAtMs += now - this.#asked.sinceMs
        else this.#waiting.sinceMs = Math.min(this.#waiting.sinceMs, this.#asked.sinceMs)
        this.#deadlines.add(this)
      },
    }
  }

  /** The plugin's limit stands still from now on: it waits for the host. Once for each {@link leaveHost}. */
  enterHost(): void {
    if (this.#waiting.depth++ === 0) this.#waiting.sinceMs = this.#clock.monotonic()
  }

  leaveHost(): void {
    if (--this.#waiting.depth > 0) return
    // Where a person is asked now, that span goes on and begins where this one began.
    if (this.#asked.depth > 0) this.#limitAtMs += Math.max(0, this.#asked.sinceMs - this.#waiting.sinceMs)
    else this.#limitAtMs += this.#clock.monotonic() - this.#waiting.sinceMs
  }

  [Symbol.dispose](): void {
    this.#deadlines.delete(this)
    this.#options.signal?.removeEventListener('abort', this.#aborted)
  }

  readonly #aborted = (): void => this.end(cancelled(this.#options.signal?.reason))
}
