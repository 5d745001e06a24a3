// Opens connections to addresses that were already checked, and to nothing else. It never resolves a name, never reads
// proxy settings from the environment, and never lends one principal's connection to another.

import type { Socket } from 'node:net'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import type { buildConnector, Dispatcher, Pool } from 'undici'
import { dialPinned, leadsTo, pinnedLookup } from './pinned-socket.ts'
import { type Lookup, lookupWithSystem, type ResolvedHost, type ResolveOptions, resolveAndClassify } from './resolve.ts'

const load = () => import('undici')

/** The HTTP client, which is loaded for the first request. */
type Client = Awaited<ReturnType<typeof load>>

/** What is sent; undici's own words. */
export type DialRequest = Omit<Dispatcher.RequestOptions, 'origin'>

/** Where to send a request, after every check. */
export interface DialTarget {
  /** `https://api.example.com`; the port is part of it when it is not the scheme's own. */
  readonly origin: string
  /** What the origin's host resolved to when it was checked. */
  readonly resolved: ResolvedHost
  /** Connections are shared only under an equal partition: principal, user and workspace as one text. */
  readonly partition: string
}

/** Options of {@link openDialer}. */
export interface DialerOptions {
  readonly lookup?: Lookup
  /** Pools kept at once; the one used longest ago is closed beyond it. */
  readonly maxPools?: number
  /** Connections of one partition to one origin. */
  readonly connectionsPerPool?: number
  /** An idle connection is closed after this long. */
  readonly idleMs?: number
  readonly connectTimeoutMs?: number
  /** Largest response header section, bytes. */
  readonly maxHeaderBytes?: number
  /** Extra certificate authorities, PEM; the system's own when absent. */
  readonly ca?: string
}

/** Resolves, classifies and hands out connections. Disposing closes them all. */
export interface Dialer extends AsyncDisposable {
  /** {@link resolveAndClassify} with this dialer's resolver. */
  resolve(host: string, options?: Pick<ResolveOptions, 'owner' | 'signal'>): Promise<ResolvedHost>
  /** Sends a request over a connection that can only lead to the target's addresses. @throws undici's errors */
  request(target: DialTarget, request: DialRequest): Promise<Dispatcher.ResponseData>
  /**
   * A connection of its own to one of the addresses, with nothing on it; whoever asked for it ends it.
   * @throws BulkheadError `http.failed`; the signal's reason when it aborts
   */
  connect(resolved: ResolvedHost, port: number, signal: AbortSignal): Promise<Socket>
  /** Pools open now; for tests and metrics. */
  readonly poolCount: number
}

/** Opens a dialer. @throws BulkheadError `host.closed` from its methods once it is disposed */
export const openDialer = (options: DialerOptions = {}): Dialer => {
  const { lookup = lookupWithSystem, maxPools = 256 } = options
  const pools = new Map<string, Pool>()
  let closed = false

  const assertOpen = (): void => {
    if (closed) throw new BulkheadError('host.closed', 'the dialer is closed')
  }

  const poolFor = (client: Client, target: DialTarget): Pool => {
    const addresses = target.resolved.addresses.map(({ address }) => address)
    // The addresses are part of the key: a name that moved gets new connections, never a pool pinned to the old place.
    const key = JSON.stringify([target.partition, target.origin, [...addresses].sort()])
    const pool = pools.get(key) ?? openPool(client, { origin: target.origin, addresses, options })
    pools.delete(key)
    pools.set(key, pool)
    for (const [oldestKey, oldest] of pools) {
      if (pools.size <= maxPools) break
      pools.delete(oldestKey)
      // Closing lets the requests in flight end first.
      void oldest.close().catch(() => {})
    }
    return pool
  }

  return {
    get poolCount() {
      return pools.size
    },
    resolve: (host, resolveOptions = {}) => {
      assertOpen()
      return resolveAndClassify(host, { ...resolveOptions, lookup })
    },
    request: async (target, request) => {
      assertOpen()
      const client = await load()
      assertOpen()
      // In the same turn as the pool was found: a pool that is closed for others takes no more requests.
      return poolFor(client, target).request(request)
    },
    connect: async (resolved, port, signal) => {
      assertOpen()
      return dialPinned({ resolved, port, signal, timeoutMs: options.connectTimeoutMs ?? 10_000 })
    },
    [Symbol.asyncDispose]: async () => {
      closed = true
      const open = [...pools.values()]
      pools.clear()
      await Promise.all(open.map((pool) => pool.destroy().catch(() => {})))
    },
  }
}

const openPool = (
  client: Client,
  { origin, addresses, options }: { origin: string; addresses: readonly string[]; options: DialerOptions },
): Pool =>
  new client.Pool(origin, {
    connections: options.connectionsPerPool ?? 8,
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: options.idleMs ?? 4_000,
    keepAliveMaxTimeout: options.idleMs ?? 4_000,
    maxHeaderSize: options.maxHeaderBytes ?? 32 * 1024,
    connect: pinnedConnector(client, addresses, options),
  })

/**
 * Connects to one of `addresses` whatever the host is called; TLS still verifies the URL's own host. Of several, the
 * first that answers wins (RFC 8305, as Node does it); each of them was checked.
 */
const pinnedConnector = (
  client: Client,
  addresses: readonly string[],
  options: Pick<DialerOptions, 'connectTimeoutMs' | 'ca'> = {},
): buildConnector.connector => {
  const connect = client.buildConnector({
    lookup: pinnedLookup(addresses),
    autoSelectFamily: true,
    allowH2: false,
    // Said aloud, because NODE_TLS_REJECT_UNAUTHORIZED=0 decides when it is not.
    rejectUnauthorized: true,
    // A cached TLS session would link connections over time; a new handshake is cheap enough.
    maxCachedSessions: 0,
    timeout: options.connectTimeoutMs ?? 10_000,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  })
  return (request, callback) =>
    connect(request, (...[error, socket]) => {
      if (error !== null) return callback(error, null)
      if (leadsTo(socket, addresses)) return callback(null, socket)
      socket.destroy()
      return callback(asBulkheadError(new Error('the connection led to an address that was not checked')), null)
    })
}
