// How a proxy says no: the status and the words of an HTTP answer, the code of a SOCKS reply.

import { asBulkheadError, type BulkheadError, type ErrorCode } from '@bulkhead/kernel'

/** Statuses by what went wrong; whatever is not named is a bad gateway. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  'capability.denied': 403,
  'input.invalid': 400,
  'input.too-large': 413,
  'call.cancelled': 503,
  'host.closed': 503,
  'limit.time': 503,
  'limit.host-call-time': 504,
  'limit.host-calls': 429,
  'limit.network': 429,
  'limit.network-daily': 429,
}

/** An HTTP answer. */
export interface RefusalAnswer {
  readonly status: number
  /** Some clients show nothing else, so it holds the code. */
  readonly reason: string
  readonly body: string
}

/** The answer for an error. Messages of the gate were written by the host and hold what the program itself asked for. */
export const httpRefusal = (thrown: unknown): RefusalAnswer => {
  const { code, message, hint } = asBulkheadError(thrown)
  return { status: statuses[code] ?? 502, reason: `Refused ${code}`, body: `${code}: ${message}\n${hint}\n` }
}

/** Replies of RFC 1928 section 6. */
export const socksReplies = {
  succeeded: 0,
  failure: 1,
  notAllowed: 2,
  hostUnreachable: 4,
  refused: 5,
  commandUnknown: 7,
  addressUnknown: 8,
} as const

/** The reply for an error. */
export const socksRefusal = (thrown: unknown): number => {
  const { code, details } = asBulkheadError(thrown)
  if (code === 'capability.denied') return socksReplies.notAllowed
  if (code !== 'http.failed') return socksReplies.failure
  return details?.['reason'] === 'ECONNREFUSED' ? socksReplies.refused : socksReplies.hostUnreachable
}

/** One line of log for a refusal. */
export const refusalLine = (what: string, { code, message }: BulkheadError): string =>
  `network: ${what} was refused: ${message} (${code})`
