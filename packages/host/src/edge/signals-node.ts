// Abort signals that end with a typed reason, and that leave no listener or timer behind.

import { BulkheadError, type Clock } from '@bulkhead/kernel'

/** A signal with its end: dispose it when the work is over. */
export interface OwnedSignal extends Disposable {
  readonly signal: AbortSignal
  abort(reason: BulkheadError): void
}

/** What may end the work early. */
export interface SignalSources {
  readonly parents?: readonly (AbortSignal | undefined)[]
  /** After this many ms; absent: never. */
  readonly afterMs?: number
  readonly timeoutReason?: () => BulkheadError
}

const cancelled = (reason: unknown): BulkheadError =>
  reason instanceof BulkheadError
    ? reason
    : new BulkheadError('call.cancelled', 'the caller cancelled the call', { cause: reason })

/** Makes a signal that aborts with the first of its sources. A foreign reason becomes `call.cancelled`. */
export const openSignal = (clock: Clock, sources: SignalSources): OwnedSignal => {
  const controller = new AbortController()
  const cleanups: (() => void)[] = []
  const abort = (reason: BulkheadError): void => {
    if (!controller.signal.aborted) controller.abort(reason)
  }
  for (const parent of sources.parents ?? []) {
    if (parent === undefined) continue
    if (parent.aborted) abort(cancelled(parent.reason))
    const listener = (): void => abort(cancelled(parent.reason))
    parent.addEventListener('abort', listener, { once: true })
    cleanups.push(() => parent.removeEventListener('abort', listener))
  }
  if (sources.afterMs !== undefined) {
    const timer = clock.after(sources.afterMs, () =>
      abort(sources.timeoutReason?.() ?? new BulkheadError('limit.time', 'the time limit was reached')),
    )
    cleanups.push(() => timer[Symbol.dispose]())
  }
  return {
    signal: controller.signal,
    abort,
    [Symbol.dispose]: () => {
      for (const cleanup of cleanups.splice(0)) cleanup()
    },
  }
}

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
