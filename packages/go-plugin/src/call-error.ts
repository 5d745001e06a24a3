// Makes typed errors of gRPC's statuses. A plugin chooses the status and text of its failures, so they never decide more
// than that its own call failed.

import { status } from '@grpc/grpc-js'
import { BulkheadError, escapeLine } from '@bulkhead/kernel'

/** What gRPC says of a call that failed. */
export interface StatusFacts {
  readonly code?: number
  readonly details?: string
}

const maxTextCharacters = 1_000

/** What grpc-js says when it cuts a message off; a plugin that writes the same only names its own failure wrongly. */
const tooLarge = /^Received message (?:larger than max|that decompresses to a size larger than )/

const nameOf = (code: number | undefined): string => {
  const found = Object.entries(status).find(([, value]) => value === code)
  return found?.[0] ?? 'UNKNOWN'
}

/** The error of a call to `path` that ended with `facts`. */
export const callError = (facts: StatusFacts & Error, path: string, maxMessageBytes: number): BulkheadError => {
  const text = escapeLine(facts.details ?? facts.message, maxTextCharacters)
  const cause = facts
  switch (facts.code) {
    case status.UNAVAILABLE:
      return new BulkheadError('plugin.crashed', `the plugin was gone during ${path}: ${text}`, { cause })
    case status.UNIMPLEMENTED:
      return new BulkheadError('protocol.violation', `the plugin does not serve ${path}`, { cause })
    case status.RESOURCE_EXHAUSTED:
      if (tooLarge.test(text))
        return new BulkheadError(
          'limit.output',
          `the plugin answered ${path} with more than ${maxMessageBytes} bytes, the most that one message may hold`,
          { cause },
        )
      break
    default:
  }
  return new BulkheadError('plugin.failed', `${path} failed: ${text}`, {
    details: { guestCode: nameOf(facts.code) },
    cause,
  })
}
