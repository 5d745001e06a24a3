// Calls a second, as a token bucket: one second's worth may come at once.

import { BulkheadError, type Clock } from '@bulkhead/kernel'

/** Takes one call from the bucket. @throws BulkheadError `limit.rate` */
export type TakeCall = () => void

/** Makes a bucket; without a rate it never refuses. */
export const makeRateLimit = (plugin: string, ratePerSecond: number | undefined, clock: Clock): TakeCall => {
  if (ratePerSecond === undefined) return () => {}
  const burst = Math.max(1, ratePerSecond)
  let tokens = burst
  let filledAt = clock.monotonic()
  return () => {
    const now = clock.monotonic()
    tokens = Math.min(burst, tokens + ((now - filledAt) / 1000) * ratePerSecond)
    filledAt = now
    if (tokens < 1) {
      throw new BulkheadError('limit.rate', `${plugin} was called more than ${ratePerSecond} times a second`, {
        details: { retryAfterMs: Math.ceil(((1 - tokens) / ratePerSecond) * 1000) },
      })
    }
    tokens -= 1
  }
}
