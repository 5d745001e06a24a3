// The wall clock of one call: runs from the start, stands still while a person is asked, and aborts the call's signal
// when the limit is reached.

import { BulkheadError, type Clock } from '@bulkhead/kernel'
import { openSignal } from '../edge/signals-node.ts'

/** What bounds the call. */
export interface CallClockOptions {
  readonly wallMs: number
  readonly parents: readonly (AbortSignal | undefined)[]
  /** For the message of `limit.time`. */
  readonly what: string
}

/** One call's clock. Disposing stops it without aborting anything. */
export interface CallClock extends Disposable {
  readonly signal: AbortSignal
  /** On the monotonic clock; moves on while the clock stands still. */
  readonly deadlineMs: number
  /** Stops the clock until the returned handle is disposed. May be nested. */
  pause(): Disposable
  abort(reason: BulkheadError): void
}

/** Starts the clock. */
export const openCallClock = (clock: Clock, options: CallClockOptions): CallClock => {
  const owned = openSignal(clock, { parents: options.parents })
  let deadlineMs = clock.monotonic() + options.wallMs
  let pausedAt = 0
  let pauses = 0
  let timer: Disposable | undefined

  const now = (): number => (pauses > 0 ? deadlineMs + (clock.monotonic() - pausedAt) : deadlineMs)
  const arm = (): void => {
    timer = clock.after(deadlineMs - clock.monotonic(), () => {
      if (deadlineMs - clock.monotonic() > 0) arm()
      else owned.abort(new BulkheadError('limit.time', `${options.what} ran past its limit of ${options.wallMs} ms`))
    })
  }
  arm()

  return {
    signal: owned.signal,
    get deadlineMs() {
      return now()
    },
    pause: () => {
      if (pauses++ === 0) {
        pausedAt = clock.monotonic()
        timer?.[Symbol.dispose]()
      }
      let resumed = false
      return {
        [Symbol.dispose]: () => {
          if (resumed) return
          resumed = true
          if (--pauses > 0) return
          deadlineMs += clock.monotonic() - pausedAt
          arm()
        },
      }
    },
    abort: owned.abort,
    [Symbol.dispose]: () => {
      timer?.[Symbol.dispose]()
      owned[Symbol.dispose]()
    },
  }
}
