// Opens one plain connection to addresses that were checked, and to nothing else.

import { connect, isIP, type LookupFunction, type Socket } from 'node:net'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import { canonicalAddress } from './address.ts'
import type { ResolvedHost } from './resolve.ts'

/** A look-up that answers with these addresses whatever it is asked. */
export const pinnedLookup = (addresses: readonly string[]): LookupFunction => {
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }))
  return (_hostname, lookupOptions, callback) => {
    const first = pinned[0]
    if (first === undefined) callback(new Error('nothing to dial'), '', 0)
    else if (lookupOptions.all === true) callback(null, pinned)
    else callback(null, first.address, first.family)
  }
}

/** Whether the other end is one of `addresses`; if anything between went its own way, no byte may be sent. */
export const leadsTo = (socket: Pick<Socket, 'remoteAddress'>, addresses: readonly string[]): boolean => {
  const remote = canonicalAddress(socket.remoteAddress ?? '')
  return remote !== undefined && addresses.includes(remote)
}

/** What to dial. */
export interface PinnedTarget {
  readonly resolved: ResolvedHost
  readonly port: number
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/**
 * Opens it; each side may end its own direction. Of several addresses the first that answers wins (RFC 8305).
 * @throws BulkheadError `http.failed`, whose message tells no address; the signal's reason when it aborts
 */
export const dialPinned = ({ resolved, port, timeoutMs, signal }: PinnedTarget): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const addresses = resolved.addresses.map(({ address }) => address)
    const what = `the connection to ${resolved.host}:${port}`
    const failed = (reason: string): BulkheadError =>
      new BulkheadError('http.failed', `${what} failed (${reason})`, { details: { reason } })
    if (signal.aborted) return reject(asBulkheadError(signal.reason, 'call.cancelled'))
    const socket = connect({
      // A name, so that the look-up is asked, for a literal too.
      host: 'pinned.invalid',
      port,
      lookup: pinnedLookup(addresses),
      autoSelectFamily: true,
      allowHalfOpen: true,
      noDelay: true,
    })
    const end = (error: BulkheadError): void => {
      settle()
      socket.on('error', () => undefined).destroy()
      reject(error)
    }
    const onAbort = (): void => end(asBulkheadError(signal.reason, 'call.cancelled'))
    const onError = (error: NodeJS.ErrnoException): void => end(failed(codeOf(error)))
    const timer = setTimeout(() => end(failed('ETIMEDOUT')), timeoutMs)
    const settle = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      socket.off('error', onError)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    socket.once('error', onError)
    socket.once('connect', () => {
      if (!leadsTo(socket, addresses)) return end(failed('EFAULT'))
      settle()
      return resolve(socket)
    })
  })

/** Messages of the system hold addresses, codes do not. */
const codeOf = (error: NodeJS.ErrnoException & { readonly errors?: readonly NodeJS.ErrnoException[] }): string => {
  const code = error.code ?? error.errors?.[0]?.code
  return code !== undefined && /^E[A-Z0-9_]{1,30}$/.test(code) ? code : 'unknown'
}
