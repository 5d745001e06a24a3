// Notices that a call is over before it has an answer: its signal aborted, or its wall deadline passed.

import { performance } from 'node:perf_hooks'
import type { CallContext } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel/wire'

/** What of a context bounds a call in time. */
export type CallBounds = Pick<CallContext, 'deadlineMs' | 'signal'>

/** Longest delay that a timer can take. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Calls `over` once, when the call ends early: with the signal's reason, or `limit.time`. The deadline is read again
 * when it falls due, for it moves while a person is asked for an approval. Dispose when the call has its answer.
 */
export const watchCallEnd = (bounds: CallBounds, what: string, over: (error: BulkheadError) => void): Disposable => {
  let timer: NodeJS.Timeout | undefined
  const stop = (): void => {
    clearTimeout(timer)
    bounds.signal.removeEventListener('abort', aborted)
  }
  const aborted = (): void => {
    stop()
    over(asBulkheadError(bounds.signal.reason, 'call.cancelled'))
  }
  const due = (): void => {
    const left = bounds.deadlineMs - performance.now()
    if (left <= 0) {
      stop()
      over(new BulkheadError('limit.time', `${what} ran past its time limit`))
      return
    }
    if (left === Number.POSITIVE_INFINITY) return
    timer = setTimeout(due, Math.min(Math.ceil(left), longestTimerMs))
    timer.unref()
  }
  if (bounds.signal.aborted) aborted()
  else {
    bounds.signal.addEventListener('abort', aborted, { once: true })
    due()
  }
  return { [Symbol.dispose]: stop }
}

/** Waits for `promise`, but not past the end of the call. @throws BulkheadError when the call ends first */
export const withinCall = <T>(bounds: CallBounds, what: string, promise: Promise<T>): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const watch = watchCallEnd(bounds, what, reject)
    promise.then(resolve, reject).finally(() => watch[Symbol.dispose]())
  })
