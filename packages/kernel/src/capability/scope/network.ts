// Patterns of the `network` capability: `[METHOD ]scheme://host[:port][/path]`, or a bare `host[:port][/path]`.

import { makeGlob, matchGlob } from '../glob.ts'
import { invalidCapability } from '../invalid.ts'
import {
  canonicalHost,
  defaultPorts,
  formatNetworkTarget,
  isSecludedHost,
  isTunnel,
  loosen,
  type NetworkTarget,
  readNetworkTarget,
} from './network-target.ts'
import type { ScopeKind } from './scope.ts'
import { makeSegmentPattern, matchSegments } from './segment-pattern.ts'
import { canonicalUrlPath, decodeWholly } from './url-path.ts'

type HostTest = (target: NetworkTarget) => boolean

/**
 * Network scopes. In a pattern:
 * - no method: every method; no port: the scheme's own; `:*`: every port;
 * - a bare host means https (http when its port is 80), as manifests write `api.telegram.org:443`;
 * - `*` alone or as the host is any public host, `*.example.com` that domain and what is below it, and a star inside
 *   a label stays in it; none of these ever covers localhost or a literal address that is not public;
 * - no path, or `/`: every path. Otherwise the path itself; a star stays inside a segment, and a last segment `*` is
 *   everything beneath. A pattern has no query.
 *
 * A tunnel (`CONNECT https://host:port/`) is opaque: a grant of another method, or of a path, does not cover it, and any
 * denial at its host and port means it.
 */
export const networkScope: ScopeKind = {
  readSubject: (scope) => {
    const network = readNetworkTarget(scope)
    return { text: formatNetworkTarget(network), network }
  },
  readPattern: (scope) => {
    const space = scope.indexOf(' ')
    const method = space < 0 ? '*' : scope.slice(0, space).toUpperCase()
    if (method !== '*' && !knownMethods.has(method)) {
      throw invalidCapability(
        scope,
        `begins with "${method}", which is no known HTTP method`,
        `Write one of ${[...knownMethods].join(', ')}, or no method for all.`,
      )
    }
    const place = readPlace(scope.slice(space + 1), scope)
    const isPort = ({ port }: NetworkTarget): boolean => place.port === '*' || place.port === port
    const isRequest = ({ method: asked, scheme }: NetworkTarget): boolean =>
      (method === '*' || method === asked) && (place.scheme === '*' || place.scheme === scheme)
    const host = readHost(place.host, scope)
    const path = readPath(place.path, scope)
    return {
      covers: ({ network }) =>
        network !== undefined && isRequest(network) && isPort(network) && host.covers(network) && path.covers(network),
      // Whatever is denied at that host and port could pass through a tunnel to it, unseen.
      touches: ({ network }) =>
        network !== undefined &&
        isPort(network) &&
        host.touches(network) &&
        (isTunnel(network) || (isRequest(network) && path.touches(network))),
    }
  },
}

/** Methods of the IANA HTTP Method Registry that are in use. A misspelt one would grant, or deny, nothing. */
const knownMethods: ReadonlySet<string> = new Set([
  'GET',
  'HEAD',
  'OPTIONS',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'QUERY',
  'TRACE',
  'CONNECT',
  'PROPFIND',
  'PROPPATCH',
  'MKCOL',
  'COPY',
  'MOVE',
  'LOCK',
  'UNLOCK',
  'REPORT',
  'SEARCH',
])

interface Place {
  readonly scheme: string
  readonly host: string
  readonly port: number | '*'
  readonly path: string
}

const readPlace = (text: string, source: string): Place => {
  if (text === '*') return { scheme: '*', host: '*', port: '*', path: '/' }
  if (/[?#@\\\s]/.test(text)) {
    throw invalidCapability(source, 'has ?, #, @, \\ or space in its address', 'A grant has no query and no user.')
  }
  const mark = text.indexOf('://')
  const rest = mark < 0 ? text : text.slice(mark + 3)
  const slash = rest.indexOf('/')
  const authority = slash < 0 ? rest : rest.slice(0, slash)
  const colon = /:(?:\*|[0-9]+)$/.exec(authority)?.index ?? -1
  const port = colon < 0 ? undefined : readPort(authority.slice(colon + 1), source)
  const scheme = mark >= 0 ? text.slice(0, mark).toLowerCase() : port === 80 ? 'http' : 'https'
  const standard = Object.hasOwn(defaultPorts, scheme) ? defaultPorts[scheme] : undefined
  if (standard === undefined) {
    throw invalidCapability(source, `has the scheme "${scheme}"`, 'Use http, https, ws or wss.')
  }
  return {
    scheme,
    host: canonicalHost(colon < 0 ? authority : authority.slice(0, colon), source),
    port: port ?? standard,
    path: slash < 0 ? '/' : rest.slice(slash),
  }
}

const readPort = (text: string, source: string): number | '*' => {
  if (text === '*') return '*'
  const port = Number(text)
  if (text.length > 5 || port < 1 || port > 65_535) throw invalidCapability(source, 'has no proper port')
  return port
}

const readHost = (host: string, source: string): { covers: HostTest; touches: HostTest } => {
  if (!host.includes('*')) {
    const same: HostTest = (target) => target.host === host
    return { covers: same, touches: same }
  }
  if (host === '*') return { covers: (target) => !target.secluded, touches: () => true }
  const below = host.startsWith('*.')
  const rest = below ? host.slice(2) : host
  if (rest.split('.').some((label) => label === '*' || label.includes('**'))) {
    throw invalidCapability(
      source,
      'has a * for a whole label inside its host',
      'Write *.example.com, or the host itself.',
    )
  }
  const labels = rest.split('.').map((label) => makeGlob(label))
  const named: HostTest = (target) => {
    if (target.address !== undefined) return false
    const given = target.host.split('.')
    if (below ? given.length < labels.length : given.length !== labels.length) return false
    const offset = given.length - labels.length
    return labels.every((label, index) => matchGlob(label, given[offset + index] ?? ''))
  }
  return { covers: (target) => !target.secluded && named(target), touches: named }
}

const readPath = (written: string, source: string): { covers: HostTest; touches: HostTest } => {
  if (written === '/') return { covers: () => true, touches: () => true }
  const path = canonicalUrlPath(pathnameOf(written, source), source)
  const exact = makeSegmentPattern(path.split('/').slice(1), { prefix: false, source })
  const loose = makeSegmentPattern(loosen(path), { prefix: false, source })
  return {
    covers: (target) => matchSegments(exact, target.segments, (segment) => !decodeWholly(segment).includes('/')),
    touches: (target) => matchSegments(exact, target.segments) || matchSegments(loose, target.loosestSegments),
  }
}

/** The path as a URL would hold it. What the URL parser would resolve away is refused: a pattern says what it means. */
const pathnameOf = (written: string, source: string): string => {
  // Read for the refusal alone: dot segments must not be resolved before they are seen.
  canonicalUrlPath(written, source)
  return new URL(`https://host.invalid${written}`).pathname
}

/** Whether a pattern names localhost or a literal address that is not public; for warnings. */
export const namesSecludedHost = (scope: string): boolean => {
  const place = readPlace(scope.slice(scope.indexOf(' ') + 1), scope)
  return isSecludedHost(place.host)
}
