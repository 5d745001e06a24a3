// Says why an exchange failed without telling where its host name led: system messages hold addresses, codes do not.

import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'

const codeOf = (thrown: unknown): string => {
  const error = thrown as { code?: unknown; errors?: unknown; cause?: unknown } | undefined
  if (typeof error?.code === 'string' && /^[A-Z][A-Z0-9_]{1,50}$/.test(error.code)) return error.code
  if (Array.isArray(error?.errors) && error.errors.length > 0) return codeOf(error.errors[0])
  return 'unknown'
}

/**
 * The error to report for whatever ended an exchange. Ours pass as they are; an aborted signal's reason wins over the
 * socket's account of it.
 */
export const exchangeFailure = (thrown: unknown, what: string, signal: AbortSignal): BulkheadError => {
  if (signal.aborted) return asBulkheadError(signal.reason, 'call.cancelled')
  if (thrown instanceof BulkheadError) return thrown
  const code = codeOf(thrown)
  return new BulkheadError('http.failed', `${what} failed (${code})`, { details: { reason: code }, cause: thrown })
}
