// Which headers a plugin may send, which follow a redirect to another origin, and how a response's headers are told.

import { BulkheadError } from '@bulkhead/kernel'

/** Header names in lower case, one value each. */
export type Headers = ReadonlyMap<string, string>

/** RFC 9110 section 5.6.2. */
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
/** RFC 9110 section 5.5: visible characters, space, tab and bytes above ASCII; never CR, LF or NUL. */
const fieldValue = /^[\t\x20-\x7e\x80-\xff]*$/

const maxCount = 100
const maxLength = 32 * 1024

/** Framing, routing and hop-by-hop fields (RFC 9110 section 7.6.1, RFC 9112): they belong to the connection. */
const ownedByHost = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
])

/** What another origin may learn. A list of what is harmless: a key can travel in a header of any name. */
const crossOrigin = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'content-encoding',
  'content-language',
  'content-type',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-unmodified-since',
  'pragma',
  'range',
  'user-agent',
])

const refuse = (message: string, hint: string): never => {
  throw new BulkheadError('input.invalid', `http.request: ${message}`, { hint })
}

/**
 * Checks a plugin's headers. `host` and `content-length` may be given when they say what is true anyway (some client
 * libraries always send them) and are then left out: the connection writes its own.
 *
 * @throws BulkheadError `input.invalid`
 */
export const parseRequestHeaders = (
  given: Readonly<Record<string, string>>,
  truth: { readonly host: string; readonly bodyLength: number },
): Headers => {
  const headers = new Map<string, string>()
  let length = 0
  for (const [rawName, rawValue] of Object.entries(given)) {
    const name = rawName.toLowerCase()
    const shown = JSON.stringify(rawName.slice(0, 60))
    length += name.length + rawValue.length + 4
    // Before anything reads the value: what follows must not take long for a value that is refused anyway.
    if (length > maxLength) refuse(`the headers are longer than ${maxLength} bytes`, 'Send less in headers.')
    const value = rawValue.replace(/^[\t ]+/, '').replace(/(?<![\t ])[\t ]+$/, '')
    if (!token.test(name)) refuse(`${shown} is not a header name`, 'Use letters, digits and hyphens.')
    if (!fieldValue.test(value)) {
      refuse(`the value of ${shown} holds a line break or another character that a header cannot carry`, 'Encode it.')
    }
    if (headers.has(name)) refuse(`the header ${shown} is given twice`, 'Give each header once; case does not count.')
    if (name === 'host' && value.toLowerCase() === truth.host) continue
    if (name === 'content-length' && value === String(truth.bodyLength)) continue
    if (ownedByHost.has(name) || name.startsWith('proxy-')) {
      refuse(`the header ${shown} belongs to the connection`, 'Leave it out; the host writes it.')
    }
    headers.set(name, value)
  }
  if (headers.size > maxCount) refuse(`there are more than ${maxCount} headers`, 'Send fewer.')
  return headers
}

/** What is sent on after a redirect: all within an origin, only harmless fields beyond it. */
export const headersAfterRedirect = (
  headers: Headers,
  change: { sameOrigin: boolean; bodyDropped: boolean },
): Headers =>
  new Map(
    [...headers].filter(
      ([name]) => (change.sameOrigin || crossOrigin.has(name)) && !(change.bodyDropped && name.startsWith('content-')),
    ),
  )

/**
 * A response's headers as one record, names in lower case. Repeated fields are joined by `, ` (RFC 9110 section
 * 5.2), except `set-cookie`, whose values hold commas: they are joined by a line feed, which no value can contain.
 */
export const responseHeaders = (
  raw: Readonly<Record<string, string | readonly string[] | undefined>>,
  without: ReadonlySet<string>,
): Record<string, string> => {
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (const [rawName, value] of Object.entries(raw)) {
    const name = rawName.toLowerCase()
    if (value === undefined || without.has(name)) continue
    headers[name] = typeof value === 'string' ? value : value.join(name === 'set-cookie' ? '\n' : ', ')
  }
  return headers
}
