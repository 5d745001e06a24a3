// A plain HTTP request that a client gives to its proxy (`GET http://host/path`), as one call of http.request and back. So
// it has the rules of every request: method and path, resolver, limits. Nothing of the client's connection goes on: each
// request is read whole, made anew, and the last on its connection, so no two can be taken for one (RFC 9112 section 11.2).

import type { IncomingMessage, ServerResponse } from 'node:http'
import { BulkheadError } from '@bulkhead/kernel'
import { JoinedBytes } from '../joined-bytes.ts'
import type { Pace } from './pace.ts'

/** Largest body of a plain request, bytes; it is held here until it is sent. */
export const mostBodyBytes = 8 * 1024 * 1024

/** The input of http.request. */
export interface PlainRequest {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly redirect: 'manual'
  readonly body?: Uint8Array
}

/** What belongs to one connection and not to the request (RFC 9110 section 7.6.1), or is written anew. */
const ofConnection = new Set([
  ...['connection', 'content-length', 'expect', 'host', 'http2-settings', 'keep-alive', 'proxy-connection'],
  ...['proxy-authenticate', 'proxy-authorization', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'via'],
])

/** @throws BulkheadError `input.too-large`; `call.cancelled` when the client left before */
export const readPlainRequest = async (request: IncomingMessage, pace: Pace): Promise<PlainRequest> => {
  const body = await readBody(request, pace).catch((cause: unknown) => {
    if (cause instanceof BulkheadError) throw cause
    throw new BulkheadError('call.cancelled', 'the client left before its request was read', { cause })
  })
  return {
    method: request.method ?? '',
    url: request.url ?? '',
    headers: requestHeaders(request),
    redirect: 'manual',
    ...(body.length === 0 ? {} : { body }),
  }
}

const requestHeaders = ({ headers }: IncomingMessage): Record<string, string> => {
  const named = new Set((headers.connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
  const kept: [string, string][] = []
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined || ofConnection.has(name) || named.has(name) || name.startsWith('proxy-')) continue
    kept.push([name, Array.isArray(value) ? value.join(', ') : value])
  }
  return Object.fromEntries(kept)
}

const readBody = async (request: IncomingMessage, pace: Pace): Promise<Uint8Array> => {
  const body = new JoinedBytes()
  // The answer that says so goes over the same socket.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    await pace.take()
    if (body.length + chunk.length > mostBodyBytes) {
      throw new BulkheadError('input.too-large', `the body of a plain request is larger than ${mostBodyBytes} bytes`, {
        hint: 'Send it over https, which passes as it is, or by http.request.',
      })
    }
    body.append(chunk)
  }
  return body.take()
}

/** The output of http.request. */
export interface PlainAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** @throws TypeError for a header that cannot be written */
export const writePlainAnswer = (answer: PlainAnswer, method: string, response: ServerResponse): void => {
  const { status, headers, body } = answer
  const isHead = method === 'HEAD'
  for (const [name, value] of Object.entries(headers)) {
    if (ofConnection.has(name) && !(isHead && name === 'content-length')) continue
    // Cookies are told one a line.
    response.setHeader(name, name === 'set-cookie' ? value.split('\n') : value)
  }
  response.statusCode = status
  if (isHead || status === 204 || status === 304) response.end()
  else response.setHeader('content-length', body.length).end(body)
}
