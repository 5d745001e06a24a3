// IP addresses and CIDR blocks as numbers, and which literals are not on the public internet. Pure arithmetic: how a
// name resolves, and what the network policy does with the answer, is not decided here.

/** An address: 32 bits for version 4, 128 for version 6. IPv4-mapped IPv6 addresses are held as version 4. */
export interface Address {
  readonly version: 4 | 6
  readonly bits: bigint
}

/** A block of addresses. */
export interface Cidr {
  readonly base: Address
  readonly prefix: number
}

const mappedPrefix = 0xffffn

/** Reads a dotted-decimal IPv4 or an RFC 4291 IPv6 address (no zone, no brackets); anything else is undefined. */
export const parseAddress = (text: string): Address | undefined => {
  const four = parseV4(text)
  if (four !== undefined) return { version: 4, bits: four }
  const six = parseV6(text)
  if (six === undefined) return undefined
  return six >> 32n === mappedPrefix ? { version: 4, bits: six & 0xffffffffn } : { version: 6, bits: six }
}

/** The canonical text (RFC 5952 for version 6). */
export const formatAddress = (address: Address): string => {
  if (address.version === 4) {
    return [24n, 16n, 8n, 0n].map((shift) => String((address.bits >> shift) & 255n)).join('.')
  }
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((address.bits >> BigInt(112 - index * 16)) & 0xffffn).toString(16),
  )
  let best = { from: -1, length: 1 }
  for (let from = 0; from < 8; from++) {
    let length = 0
    while (from + length < 8 && groups[from + length] === '0') length++
    if (length > best.length) best = { from, length }
  }
  if (best.from < 0) return groups.join(':')
  return `${groups.slice(0, best.from).join(':')}::${groups.slice(best.from + best.length).join(':')}`
}

/** Reads `10.0.0.0/8`, `fd00::/8`, or a lone address (a block of one). Bits below the prefix must be zero. */
export const parseCidr = (text: string): Cidr | undefined => {
  const slash = text.indexOf('/')
  const base = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (base === undefined) return undefined
  const width = base.version === 4 ? 32 : 128
  if (slash < 0) return { base, prefix: width }
  const digits = text.slice(slash + 1)
  if (!/^(?:0|[1-9][0-9]{0,2})$/.test(digits)) return undefined
  // A mapped block (::ffff:10.0.0.0/104) would need its prefix shifted; nobody writes it, so it is refused.
  if (base.version === 4 && text.includes(':')) return undefined
  const prefix = Number(digits)
  if (prefix > width || (base.bits & ((1n << BigInt(width - prefix)) - 1n)) !== 0n) return undefined
  return { base, prefix }
}

/** Whether the block holds the address. */
export const cidrContains = (block: Cidr, address: Address): boolean => {
  if (block.base.version !== address.version) return false
  const shift = BigInt((block.base.version === 4 ? 32 : 128) - block.prefix)
  return block.base.bits >> shift === address.bits >> shift
}

/** Blocks of the IANA special-purpose registries (RFC 6890 and later) and multicast. */
const specialV4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
]
/** Inside 2000::/3, which is all that is handed out: Teredo and other protocol blocks, documentation, 6to4. */
const specialV6 = ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20']

const blocks = (texts: readonly string[]): readonly Cidr[] =>
  texts.map(parseCidr).filter((block): block is Cidr => block !== undefined)

/** Whether an address literal is ordinary and public. Transition addresses (6to4, NAT64, Teredo) count as not public. */
export const isPublicAddress = (address: Address): boolean =>
  (address.version === 4 || address.bits >> 125n === 1n) &&
  !special[address.version].some((block) => cidrContains(block, address))

const parseV4 = (text: string): bigint | undefined => {
  const parts = text.split('.', 5)
  if (parts.length !== 4) return undefined
  let bits = 0n
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined
    bits = (bits << 8n) | BigInt(part)
  }
  return bits
}

const parseV6 = (text: string): bigint | undefined => {
  if (text.length > 45 || !text.includes(':')) return undefined
  const halves = text.split('::', 3)
  if (halves.length > 2) return undefined
  const head = readGroups(halves[0] ?? '')
  const tail = halves.length === 2 ? readGroups(halves[1] ?? '') : []
  if (head === undefined || tail === undefined) return undefined
  const missing = 8 - head.length - tail.length
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined
  return [...head, ...Array<bigint>(missing).fill(0n), ...tail].reduce((bits, group) => (bits << 16n) | group, 0n)
}

/** Sixteen-bit groups; a dotted IPv4 address may stand last. */
const readGroups = (text: string): bigint[] | undefined => {
  if (text === '') return []
  const groups: bigint[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`))
    else {
      const four = index === parts.length - 1 ? parseV4(part) : undefined
      if (four === undefined) return undefined
      groups.push(four >> 16n, four & 0xffffn)
    }
  }
  return groups
}

// Last in the file: it is computed as the module loads, and needs the parsers above.
const special: Readonly<Record<4 | 6, readonly Cidr[]>> = { 4: blocks(specialV4), 6: blocks(specialV6) }
