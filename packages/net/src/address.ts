// Sorts IP addresses into public and the many kinds that are not. It decides nothing and looks nothing up: who may dial
// what is the gate's answer. Unknown ground counts as not public.

import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/** What an address is for. Only `public` is reached without the gate being asked for that very address. */
export const addressKinds = [
  'public',
  'unspecified',
  'loopback',
  'private',
  'shared',
  'link-local',
  'metadata',
  'platform',
  'multicast',
  'documentation',
  'transition',
  'reserved',
] as const
/** See {@link addressKinds}. */
export type AddressKind = (typeof addressKinds)[number]

type Row = readonly [cidr: string, kind: AddressKind]

// Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890 and successors), IANA multicast space, and the metadata
// services of cloud providers. `platform` is one that sits in public space, where no registry marks it: Azure's wire
// server. The first row that matches wins.
const rows4: readonly Row[] = [
  ['169.254.169.254/32', 'metadata'],
  ['169.254.170.2/32', 'metadata'],
  ['169.254.170.23/32', 'metadata'],
  ['168.63.129.16/32', 'platform'],
  ['100.100.100.200/32', 'metadata'],
  ['192.0.0.192/32', 'metadata'],
  ['0.0.0.0/8', 'unspecified'],
  ['10.0.0.0/8', 'private'],
  ['100.64.0.0/10', 'shared'],
  ['127.0.0.0/8', 'loopback'],
  ['169.254.0.0/16', 'link-local'],
  ['172.16.0.0/12', 'private'],
  ['192.0.0.0/24', 'reserved'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', 'transition'],
  ['192.168.0.0/16', 'private'],
  ['198.18.0.0/15', 'reserved'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved'],
]

// Source: IANA IPv6 Special-Purpose Address Registry. Global unicast is 2000::/3 (RFC 4291 section 2.4): whatever is
// outside it and not named here is reserved. 6to4 and Teredo are never public: they carry an IPv4 address that a
// relay would reach for us.
const rows6: readonly Row[] = [
  ['fd00:ec2::254/128', 'metadata'],
  ['fd00:ec2::23/128', 'metadata'],
  ['fd20:ce::254/128', 'metadata'],
  ['::/128', 'unspecified'],
  ['::1/128', 'loopback'],
  ['fc00::/7', 'private'],
  ['fe80::/10', 'link-local'],
  ['fec0::/10', 'private'],
  ['ff00::/8', 'multicast'],
  ['64:ff9b:1::/48', 'transition'],
  ['2001::/32', 'transition'],
  ['2001:db8::/32', 'documentation'],
  ['2001::/23', 'reserved'],
  ['2002::/16', 'transition'],
  ['3fff::/20', 'documentation'],
  ['2000::/3', 'public'],
]

const table4 = rows4.map(([cidr, kind]) => ({ range: ipaddr.IPv4.parseCIDR(cidr), kind }))
const table6 = rows6.map(([cidr, kind]) => ({ range: ipaddr.IPv6.parseCIDR(cidr), kind }))
const mapped = ipaddr.IPv6.parseCIDR('::ffff:0:0/96')
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96')

const classify4 = (address: ipaddr.IPv4): AddressKind =>
  table4.find(({ range }) => address.match(range))?.kind ?? 'public'

const classify6 = (address: ipaddr.IPv6): AddressKind => {
  // The embedded IPv4 address is where the packet ends: mapped (RFC 4291 section 2.5.5.2), NAT64 (RFC 6052).
  if (address.match(mapped) || address.match(nat64)) {
    return classify4(new ipaddr.IPv4(address.toByteArray().slice(12)))
  }
  return table6.find(({ range }) => address.match(range))?.kind ?? 'reserved'
}

/**
 * The kind of an address in its usual spelling, without brackets. Text that is no address, and IPv6 with a zone, is
 * `reserved`: never public.
 */
export const classifyAddress = (address: string): AddressKind => {
  const family = isIP(address)
  if (family === 4) return classify4(ipaddr.IPv4.parse(address))
  const parsed = family === 6 ? parse6(address) : undefined
  return parsed === undefined ? 'reserved' : classify6(parsed)
}

/**
 * Undefined for a zone. The spelling is folded by the URL parser first: ipaddr.js takes `::8.8.8.8` (what getaddrinfo
 * prints for the reserved ::808:808) for the mapped `::ffff:8.8.8.8`.
 */
const parse6 = (address: string): ipaddr.IPv6 | undefined =>
  address.includes('%') ? undefined : ipaddr.IPv6.parse(new URL(`http://[${address}]`).hostname.slice(1, -1))

/**
 * One spelling for each address: RFC 5952 for IPv6, and plain IPv4 for IPv4-mapped IPv6, so that equal addresses are
 * equal text. Undefined for text that is no address.
 */
export const canonicalAddress = (address: string): string | undefined => {
  const family = isIP(address)
  if (family === 4) return address
  const parsed = family === 6 ? parse6(address) : undefined
  if (parsed === undefined) return undefined
  return parsed.isIPv4MappedAddress() ? parsed.toIPv4Address().toString() : parsed.toRFC5952String()
}
