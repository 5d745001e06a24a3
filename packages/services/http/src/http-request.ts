// http.request: one request and its redirects. Each hop is canonicalised, asked of the gate, resolved, classified and
// dialled at the very address that was checked. No cookies, no cache, no proxy settings from the environment.

import {
  type AnyHostFunction,
  BulkheadError,
  defineHostFunction,
  makeTurnQueue,
  type RunContext,
} from '@bulkhead/kernel'
import { type Dialer, headBytes, makeMemoryLedger, Traffic, type TrafficLedger } from '@bulkhead/net'
import { canonicalUrl, networkScope } from './address-line.ts'
import { exchangeFailure } from './failure.ts'
import { type Headers, headersAfterRedirect, parseRequestHeaders, responseHeaders } from './headers.ts'
import { type HttpRequest, type HttpResponse, httpRequestInput, httpRequestOutput } from './request-schema.ts'
import { isDecoded, readBody, readOff } from './response-body.ts'

/** What the service needs. */
export interface HttpPorts {
  /** Owned by whoever opened it. */
  readonly dialer: Dialer
  /** For `User-Agent: bulkhead/<version>`. */
  readonly version: string
  /** What was moved today; where none is given, as long as the process lives. */
  readonly ledger?: TrafficLedger
}

const maxRedirects = 10
/** Requests of one principal that run at once; each may hold a socket. */
const maxRequests = 64
/** RFC 9110 section 6.4.1: these never have content, whatever their headers describe. */
const bodiless = new Set([204, 304])
const readOnlyMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** One request on its way. */
interface Hop {
  readonly method: string
  readonly url: URL
  readonly headers: Headers
  readonly body: Uint8Array | undefined
}

/** The http host functions. */
export const makeHttpFunctions = (ports: HttpPorts): AnyHostFunction[] => {
  const turns = makeTurnQueue(maxRequests)
  const ledger = ports.ledger ?? makeMemoryLedger()
  const request = defineHostFunction({
    name: 'http.request',
    description: 'Sends an HTTP request and returns the response.',
    input: httpRequestInput,
    output: httpRequestOutput,
    needs: (input) => [{ name: 'network', scope: networkScope(input.method, new URL(input.url)) }],
    risk: (input) => (readOnlyMethods.has(input.method) ? 'read-only' : 'write'),
    run: async (permit, context) => {
      using _turn = await turns.take(context.call.principal.id, context.signal)
      return await exchange({ ...ports, ledger }, permit.input, context)
    },
  })
  return [request]
}

const exchange = async (ports: Required<HttpPorts>, input: HttpRequest, context: RunContext): Promise<HttpResponse> => {
  using timed = withTimeout(context.signal, input.timeoutMs)
  const { signal } = timed
  await using traffic = new Traffic(context.call, ports.ledger, signal)
  let hop = firstHop(input, ports.version)
  for (let redirects = 0; ; redirects++) {
    const what = `${hop.method} ${hop.url.origin}`
    try {
      const response = await send(ports, hop, { ...context, signal, traffic })
      await traffic.receive(headBytes(response.headers))
      const location = redirectTarget(response, input.redirect)
      if (location === undefined) {
        const limit = context.call.limits.httpResponseBytes
        return await receive(response, hop, { input, limit, redirects, traffic })
      }
      // The redirect's own body is of no use; a short one is read off so that the connection can serve the next hop.
      await readOff(response.body, (bytes) => traffic.receive(bytes))
      if (input.redirect === 'error') throw failed(`${what} answered with a redirect`, 'REDIRECT')
      if (redirects === maxRedirects) throw failed(`${what} redirects more than ${maxRedirects} times`, 'REDIRECT')
      hop = nextHop(hop, response.statusCode, location)
      await context.check([{ name: 'network', scope: networkScope(hop.method, hop.url) }])
    } catch (thrown) {
      throw exchangeFailure(thrown, what, signal)
    }
  }
}

const failed = (message: string, reason: string): BulkheadError =>
  new BulkheadError('http.failed', message, { details: { reason } })

const firstHop = (input: HttpRequest, version: string): Hop => {
  const url = new URL(input.url)
  const given = input.body ?? (input.text === undefined ? undefined : new TextEncoder().encode(input.text))
  const body = given === undefined || given.byteLength === 0 ? undefined : given
  const headers = new Map(parseRequestHeaders(input.headers, { host: url.host, bodyLength: given?.byteLength ?? 0 }))
  if (!headers.has('accept')) headers.set('accept', '*/*')
  if (!headers.has('accept-encoding')) headers.set('accept-encoding', 'gzip, br')
  headers.set('user-agent', `bulkhead/${version}`)
  return { method: input.method, url, headers, body }
}

type RawResponse = Awaited<ReturnType<Dialer['request']>>

const send = async (
  ports: HttpPorts,
  hop: Hop,
  context: RunContext & { readonly traffic: Traffic },
): Promise<RawResponse> => {
  const { signal, call, traffic } = context
  const resolved = await ports.dialer.resolve(hop.url.hostname, { owner: call.principal.id, signal })
  if (resolved.guarded.length > 0) {
    // The name's own grant does not reach into private networks: each such address needs a permission of its own.
    await context.check(resolved.guarded.map(({ address }) => ({ name: 'network.private', scope: address })))
  }
  signal.throwIfAborted()
  const line = `${hop.method} ${hop.url.pathname}${hop.url.search} ${hop.url.host}`
  await traffic.send(line.length + headBytes(Object.fromEntries(hop.headers)) + (hop.body?.byteLength ?? 0))
  const partition = JSON.stringify([call.principal.id, call.user ?? null, call.workspace ?? null])
  return ports.dialer.request(
    { origin: hop.url.origin, resolved, partition },
    {
      method: hop.method,
      path: hop.url.pathname + hop.url.search,
      headers: Object.fromEntries(hop.headers),
      body: hop.body ?? null,
      signal,
    },
  )
}

const redirectTarget = (response: RawResponse, mode: HttpRequest['redirect']): string | undefined => {
  const location = response.headers.location
  const isRedirect = [301, 302, 303, 307, 308].includes(response.statusCode) && typeof location === 'string'
  return isRedirect && mode !== 'manual' ? location : undefined
}

/** The method and body after a redirect follow the fetch standard, section "HTTP-redirect fetch". */
const nextHop = (hop: Hop, status: number, location: string): Hop => {
  const url = canonicalUrl(location, hop.url)
  if (!(url instanceof URL)) throw failed(`the redirect from ${hop.url.origin} ${url.fault}`, 'REDIRECT')
  const toGet =
    ((status === 301 || status === 302) && hop.method === 'POST') ||
    (status === 303 && hop.method !== 'GET' && hop.method !== 'HEAD')
  const headers = headersAfterRedirect(hop.headers, { sameOrigin: url.origin === hop.url.origin, bodyDropped: toGet })
  return { method: toGet ? 'GET' : hop.method, url, headers, body: toGet ? undefined : hop.body }
}

const receive = async (
  response: RawResponse,
  hop: Hop,
  options: { input: HttpRequest; limit: number; redirects: number; traffic: Traffic },
): Promise<HttpResponse> => {
  const { input, limit, redirects, traffic } = options
  const coding = response.headers['content-encoding']
  const hasBody = hop.method !== 'HEAD' && !bodiless.has(response.statusCode)
  const encoding = typeof coding === 'string' && hasBody ? coding : undefined
  const body = await readBody(response.body, {
    maxBytes: Math.min(limit, input.maxResponseBytes ?? limit),
    encoding,
    what: `${hop.method} ${hop.url.origin}`,
    received: (bytes) => traffic.receive(bytes),
  })
  // What was decoded no longer has the coding or the length that the server told.
  const without = new Set(isDecoded(encoding) ? ['content-encoding', 'content-length'] : [])
  return {
    status: response.statusCode,
    headers: responseHeaders(response.headers, without),
    body,
    url: hop.url.href,
    redirected: redirects > 0,
  }
}

/** The call's signal, or the plugin's own shorter time, whichever ends first. */
const withTimeout = (parent: AbortSignal, timeoutMs: number | undefined): { signal: AbortSignal } & Disposable => {
  if (timeoutMs === undefined) return { signal: parent, [Symbol.dispose]: () => {} }
  const own = new AbortController()
  const timer = setTimeout(
    () => own.abort(failed(`the server did not answer within ${timeoutMs} ms`, 'TIMEOUT')),
    timeoutMs,
  )
  timer.unref()
  return { signal: AbortSignal.any([parent, own.signal]), [Symbol.dispose]: () => clearTimeout(timer) }
}
