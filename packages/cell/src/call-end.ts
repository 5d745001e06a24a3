// Waits for something on behalf of a call, but not past its end: its lifetime, or its deadline.

import type { CallContext } from '@bulkhead/kernel'
import { BulkheadError, lifetimeOf, within } from '@bulkhead/kernel/wire'
import { deadlineClock } from './timers.ts'

/** What of a context bounds a call in time. */
export type CallBounds = Pick<CallContext, 'deadlineMs' | 'signal' | 'lifetime'>

/** Waits for `promise`, but not past the end of the call. @throws BulkheadError when the call ends first */
export const withinCall = async <T>(bounds: CallBounds, what: string, promise: Promise<T>): Promise<T> => {
  const overdue = Promise.withResolvers<never>()
  let timer: Disposable | undefined
  const due = (): void => {
    // Read again: it moves while a person is asked for an approval.
    const leftMs = bounds.deadlineMs - performance.now()
    if (leftMs <= 0) overdue.reject(new BulkheadError('limit.time', `${what} ran past its time limit`))
    else if (leftMs < Number.POSITIVE_INFINITY) timer = deadlineClock.after(Math.ceil(leftMs), due)
  }
  due()
  try {
    return await within(lifetimeOf(bounds), Promise.race([promise, overdue.promise]))
  } finally {
    timer?.[Symbol.dispose]()
  }
}
