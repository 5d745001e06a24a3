// What others' abort signals mean here: a typed end.

import { BulkheadError } from '@bulkhead/kernel'

/** The error for a signal's reason; a foreign reason becomes `call.cancelled`. */
export const cancelled = (reason: unknown): BulkheadError =>
  reason instanceof BulkheadError
    ? reason
    : new BulkheadError('call.cancelled', 'the caller cancelled the call', { cause: reason })

/**
 * Waits for the promise, but no longer than the signal lets it; whatever is waited for goes on.
 * @throws BulkheadError the signal's reason; a foreign reason becomes `call.cancelled`
 */
export const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> => {
  if (signal === undefined) return promise
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(cancelled(signal.reason))
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
