// The canonical form of one network access: `METHOD scheme://host:port/path`. The port is always written; the query is
// no part of it, so it decides nothing and no secret in it reaches the audit log.

import type { Capability } from '../capability.ts'
import { invalidCapability } from '../invalid.ts'
import { type Address, isPublicAddress, parseAddress } from '../ip.ts'
import { canonicalUrlPath, decodeWholly } from './url-path.ts'

/** One network access, taken apart. */
export interface NetworkTarget {
  readonly method: string
  readonly scheme: string
  /** Lower case, IDNA, without a trailing dot; IPv6 in brackets. */
  readonly host: string
  readonly address: Address | undefined
  /** `localhost`, a name below it, or a literal address that is not public: only a pattern with that very host covers it. */
  readonly secluded: boolean
  readonly port: number
  readonly path: string
  readonly segments: readonly string[]
  /** Segments after every decoding, in lower case: for denials. */
  readonly loosestSegments: readonly string[]
}

/** Default ports of the schemes that a network scope may have. */
export const defaultPorts: Readonly<Record<string, number>> = { http: 80, https: 443, ws: 80, wss: 443 }

const methodShape = /^[A-Z][A-Z0-9-]{0,31}$/

/**
 * Reads `GET https://api.example.com/v1/x?y`. Method and host in any case; dot segments, default ports, number
 * spellings of IPv4 and international names are normalised as the WHATWG URL standard says.
 * @throws BulkheadError `capability.invalid` for user information, an unknown scheme, or an ambiguous path
 */
export const readNetworkTarget = (scope: string): NetworkTarget => {
  const space = scope.indexOf(' ')
  const method = scope.slice(0, Math.max(space, 0)).toUpperCase()
  if (!methodShape.test(method)) {
    throw invalidCapability(scope, 'has no method', 'Write the method first: GET https://api.example.com/v1/x.')
  }
  const text = scope.slice(space + 1)
  const scheme = text.slice(0, Math.max(text.indexOf('://'), 0)).toLowerCase()
  if (!Object.hasOwn(defaultPorts, scheme)) throw invalidCapability(scope, 'has no http, https, ws or wss address')
  refuseOddities(text, scope)
  const url = parseUrl(text, scope)
  const host = trimHost(url.hostname, scope)
  const address = parseAddress(host.startsWith('[') ? host.slice(1, -1) : host)
  const path = canonicalUrlPath(url.pathname, scope).replaceAll('*', '%2A')
  return {
    method,
    scheme,
    host,
    address,
    secluded: isSecludedHost(host),
    port: url.port === '' ? (defaultPorts[scheme] ?? 0) : Number(url.port),
    path,
    segments: path.split('/').slice(1),
    loosestSegments: loosen(path),
  }
}

/** A path as the most lenient server might read it. */
export const loosen = (path: string): string[] =>
  decodeWholly(path)
    .toLowerCase()
    .replace(/\/{2,}/g, '/')
    .split('/')
    .slice(1)

/** The access without its query and fragment, which may hold a secret: for messages about what is not canonical. */
export const withoutQuery = (capability: Capability): Capability => {
  const { name, scope } = capability
  const at = name === 'network' && scope !== undefined ? scope.search(/[?#]/) : -1
  return scope === undefined || at < 0 ? capability : { name, scope: scope.slice(0, at) }
}

/** Whether the target is a connection that carries anything (RFC 9110 section 9.3.6), and not one request. */
export const isTunnel = ({ method }: NetworkTarget): boolean => method === 'CONNECT'

/** The canonical text of a target. */
export const formatNetworkTarget = (target: NetworkTarget): string =>
  `${target.method} ${target.scheme}://${target.host}:${target.port}${target.path}`

/** `localhost`, a name below it (RFC 6761), or a literal address that is not public. `host` is canonical. */
export const isSecludedHost = (host: string): boolean => {
  if (host === 'localhost' || host.endsWith('.localhost')) return true
  const address = parseAddress(host.startsWith('[') ? host.slice(1, -1) : host)
  return address !== undefined && !isPublicAddress(address)
}

/**
 * The canonical form of a host, which may have stars in it.
 * @throws BulkheadError `capability.invalid`
 */
export const canonicalHost = (host: string, source: string): string => {
  if (host === '' || /[/?#@\\%\s]/.test(host)) throw invalidCapability(source, 'has no proper host')
  return trimHost(parseUrl(`https://${host}/`, source).hostname, source)
}

/** @throws BulkheadError `capability.invalid` for what the URL parser would mend in silence, and for user information */
const refuseOddities = (text: string, source: string): void => {
  const authority = /^[^:]*:\/*([^/?#]*)/.exec(text)?.[1] ?? ''
  if (authority.includes('@')) {
    throw invalidCapability(source, 'has user information in its address', 'Send credentials in a header.')
  }
  if (/[\\\s]/.test(text.split(/[?#]/, 1)[0] ?? ''))
    throw invalidCapability(source, 'has a backslash or space in its address')
}

const parseUrl = (text: string, source: string): URL => {
  try {
    return new URL(text)
  } catch {
    throw invalidCapability(source, 'has an address that is not a URL')
  }
}

/** `example.com.` and `example.com` are one host. */
const trimHost = (hostname: string, source: string): string => {
  const host = hostname.endsWith('.') ? hostname.slice(0, -1) : hostname
  if (host === '' || host.length > 253 || (!host.startsWith('[') && host.split('.').includes(''))) {
    throw invalidCapability(source, 'has a host with an empty label, or too long a one')
  }
  return host
}
