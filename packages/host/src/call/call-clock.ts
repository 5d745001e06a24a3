// The clock of one call, with two bounds. The plugin's own wall limit stands still while the call waits in a host function
// and while a person is asked. The bounds that others set (the caller's timeout, the action's) stand still only while a
// person is asked. What passes first ends the call.

import {
  type Bounded,
  BulkheadError,
  type Clock,
  type Deadlines,
  type HostWaits,
  OwnedLifetime,
  type RosterEntry,
} from '@bulkhead/kernel'
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

// Raising the plugin's limit would change nothing.
const timeoutHint =
  'It is that of the call: raise --timeout (timeoutMs of the call), or the action’s timeout in the manifest if that is less. Or do less in one call.'

/** A span of the clock that stands still while something is counted above zero. */
interface Still {
  depth: number
  sinceMs: number
}

/** The part of a span since `Still.sinceMs`. */
const stoodMs = ({ depth, sinceMs }: Still, nowMs: number): number => (depth === 0 ? 0 : nowMs - sinceMs)

const makeSignal = (): AbortController => new AbortController()

/** See the file's head. Disposing stops it without ending anything. */
export class CallClock extends OwnedLifetime implements Bounded, Disposable, HostWaits {
  /** On the monotonic clock. */
  readonly startedMs: number
  readonly #clock: Pick<Clock, 'monotonic'>
  readonly #options: CallClockOptions
  readonly #watch: RosterEntry
  readonly #asked: Still = { depth: 0, sinceMs: 0 }
  readonly #waiting: Still = { depth: 0, sinceMs: 0 }
  #limitAtMs: number
  #timeoutAtMs: number
  #hostMs = 0
  #hostSinceMs = 0
  #forget: (() => void) | undefined

  constructor(
    parts: { readonly clock: Pick<Clock, 'monotonic'>; readonly deadlines: Deadlines },
    options: CallClockOptions,
  ) {
    super(makeSignal)
    this.#clock = parts.clock
    this.#options = options
    const now = parts.clock.monotonic()
    this.startedMs = now
    this.#limitAtMs = now + options.limitMs
    this.#timeoutAtMs = now + options.timeoutMs
    if (options.signal !== undefined) this.#follow(options.signal)
    this.#watch = parts.deadlines.add(this)
  }

  /** On the monotonic clock; moves on while a bound stands still. */
  get deadlineMs(): number {
    if (this.#asked.depth === 0 && this.#waiting.depth === 0) return Math.min(this.#limitAtMs, this.#timeoutAtMs)
    const now = this.#clock.monotonic()
    return Math.min(this.#limitAt(now), this.#timeoutAt(now))
  }

  /** How long the call waited for host functions so far, ms; those that ran at once count once. */
  get hostMs(): number {
    return this.#waiting.depth === 0 ? this.#hostMs : this.#hostMs + this.#clock.monotonic() - this.#hostSinceMs
  }

  overdue(): void {
    const { limitMs, what } = this.#options
    const now = this.#clock.monotonic()
    if (this.#limitAt(now) < this.#timeoutAt(now)) {
      this.end(new BulkheadError('limit.time', `${what} ran past its limit of ${limitMs} ms`))
    } else this.end(this.#timedOut())
  }

  /** A compartment sees one deadline, and not whose it is: where it was the timeout's, its end is told as this clock tells it. */
  named(error: BulkheadError): BulkheadError {
    if (error.code !== 'limit.time' || error.hint === timeoutHint) return error
    const now = this.#clock.monotonic()
    return this.#timeoutAt(now) <= Math.min(now, this.#limitAt(now)) ? this.#timedOut() : error
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
      },
    }
  }

  /** The plugin's limit stands still from now on: it waits for the host. Once for each {@link leaveHost}. */
  enterHost(nowMs: number): void {
    if (this.#waiting.depth++ === 0) this.#waiting.sinceMs = this.#hostSinceMs = nowMs
  }

  leaveHost(nowMs: number): void {
    if (--this.#waiting.depth > 0) return
    this.#hostMs += nowMs - this.#hostSinceMs
    // Where a person is asked now, that span goes on and begins where this one began.
    if (this.#asked.depth > 0) this.#limitAtMs += Math.max(0, this.#asked.sinceMs - this.#waiting.sinceMs)
    else this.#limitAtMs += nowMs - this.#waiting.sinceMs
  }

  [Symbol.dispose](): void {
    this.#watch.leave()
    this.#forget?.()
  }

  #timedOut(): BulkheadError {
    const { timeoutMs, what } = this.#options
    return new BulkheadError('limit.time', `${what} ran past its timeout of ${timeoutMs} ms`, { hint: timeoutHint })
  }

  #limitAt(nowMs: number): number {
    return this.#limitAtMs + Math.max(stoodMs(this.#asked, nowMs), stoodMs(this.#waiting, nowMs))
  }

  #timeoutAt(nowMs: number): number {
    return this.#timeoutAtMs + stoodMs(this.#asked, nowMs)
  }

  #follow(signal: AbortSignal): void {
    const aborted = (): void => this.end(cancelled(signal.reason))
    if (signal.aborted) {
      aborted()
      return
    }
    signal.addEventListener('abort', aborted, { once: true })
    this.#forget = () => signal.removeEventListener('abort', aborted)
  }
}
