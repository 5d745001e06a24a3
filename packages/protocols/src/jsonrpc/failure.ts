// Errors across the wire: ours as the error member of an answer, and a peer's as an error of ours. What a peer says is
// always `plugin.failed`: its codes and words are facts in the details, never ours.

import { BulkheadError, errorTable, escapeLine, type JsonObject } from '@bulkhead/kernel'
import { type RpcError, rpcCodes } from './message.ts'

const maxTextLength = 4096

/** What a peer is told of a failure of ours. No stack, no cause; of what was not meant for it, not even the message. */
export const rpcErrorOf = (thrown: unknown): RpcError => {
  const error =
    thrown instanceof BulkheadError ? thrown : new BulkheadError('host.internal', errorTable['host.internal'].summary)
  const code = rpcCodeOf(error)
  return { code, message: error.message, data: { ...error.toJSON() } as unknown as JsonObject }
}

const rpcCodeOf = ({ code }: BulkheadError): number => {
  if (code === 'call.cancelled') return rpcCodes.cancelled
  if (code === 'input.invalid') return rpcCodes.invalidParams
  return code === 'host.internal' ? rpcCodes.internal : rpcCodes.failed
}

/**
 * The error that a peer answered with. In `details`: `rpcCode`; `guestCode`, where `data.code` is a text;
 * `hostErrorId`, where `data.id` is: whoever handed out a host error recognises it by that id; and `versions`, where
 * `data.supported` is a list of texts, as MCP has it.
 */
export const errorFromPeer = ({ code, message, data }: RpcError, what: string): BulkheadError => {
  const told = typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as JsonObject) : {}
  const text = (key: string, most: number): string | undefined => {
    const value = Object.hasOwn(told, key) ? told[key] : undefined
    return typeof value === 'string' ? value.slice(0, most) : undefined
  }
  const guestCode = text('code', 200)
  const hostErrorId = text('id', 64)
  const supported = Object.hasOwn(told, 'supported') ? told['supported'] : undefined
  const versions = Array.isArray(supported)
    ? supported.filter((one) => typeof one === 'string').slice(0, 64)
    : undefined
  return new BulkheadError('plugin.failed', `${what} failed: ${escapeLine(message, maxTextLength)}`, {
    details: {
      rpcCode: code,
      ...(guestCode === undefined ? {} : { guestCode }),
      ...(hostErrorId === undefined ? {} : { hostErrorId }),
      ...(versions === undefined ? {} : { versions }),
    },
  })
}
