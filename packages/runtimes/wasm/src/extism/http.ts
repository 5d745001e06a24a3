// The shapes of Extism's HTTP calls, translated to and from the host function `http.request`.

import { BulkheadError, parseJson, type WireValue } from '@bulkhead/kernel/wire'

/** Input of `http.request`. */
export interface HttpInput {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Uint8Array
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)

const textMembers = (value: unknown): Record<string, string> =>
  isRecord(value) ? Object.fromEntries(Object.entries(value).map(([name, member]) => [name, String(member)])) : {}

/** Parses an Extism request: `{ url, method?, headers? }`, or `header` as old PDKs spell it. @throws BulkheadError */
export const parseHttpRequest = (json: string, body: Uint8Array | undefined): HttpInput => {
  const request = parseJson(json, 'the HTTP request', { maxLength: 1024 * 1024, maxDepth: 8 })
  if (!isRecord(request) || typeof request.url !== 'string') {
    throw new BulkheadError('input.invalid', 'the HTTP request has no url')
  }
  const method = typeof request.method === 'string' ? request.method.toUpperCase() : 'GET'
  return {
    method,
    url: request.url,
    headers: textMembers(request.headers ?? request.header),
    // PDKs pass an empty body with GET; the Fetch standard allows none there.
    ...(body === undefined || method === 'GET' || method === 'HEAD' ? {} : { body }),
  }
}

/** Reads the output of `http.request`: `{ status, headers, body }`. @throws BulkheadError `host.internal` */
export const parseHttpResponse = (
  value: WireValue,
): { status: number; headers: Readonly<Record<string, string>>; body: Uint8Array } => {
  if (!isRecord(value) || typeof value.status !== 'number' || !isRecord(value.headers)) {
    throw new BulkheadError('host.internal', 'http.request answered with something that is no response')
  }
  const body = value.body instanceof Uint8Array ? value.body : new Uint8Array()
  return { status: value.status, headers: textMembers(value.headers), body }
}
