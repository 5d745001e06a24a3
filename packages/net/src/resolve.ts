// Turns a host into addresses, once, and says of each what kind it is. It dials nothing and grants nothing.

import { lookup as systemLookup } from 'node:dns/promises'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import { type LookupLanes, makeLookupLanes } from './lookup-lanes.ts'
import { type AddressKind, canonicalAddress, classifyAddress } from './address.ts'

/** Resolves a name to addresses in order of preference. Rejects with a Node-style `code` (`ENOTFOUND`). */
export type Lookup = (hostname: string) => Promise<readonly string[]>

/** One address that a host stands for. */
export interface ResolvedAddress {
  /** Canonical spelling, no brackets. */
  readonly address: string
  readonly family: 4 | 6
  readonly kind: AddressKind
}

/** A host and every address that may be dialled for it. */
export interface ResolvedHost {
  /** Lower case, without brackets and trailing dot. */
  readonly host: string
  /** The host is itself an address. */
  readonly literal: boolean
  readonly addresses: readonly ResolvedAddress[]
  /**
   * Addresses that need a permission of their own, because the name does not say that it leads there: every one that
   * is not public, unless the host is that literal, or is `localhost` (or below it, RFC 6761) and the address is
   * loopback. A literal of kind `platform` looks public to every pattern, so it is guarded all the same.
   */
  readonly guarded: readonly ResolvedAddress[]
}

/** Options of {@link resolveAndClassify}. */
export interface ResolveOptions {
  /** The system's resolver when absent. */
  readonly lookup?: Lookup
  readonly signal?: AbortSignal
  /** Whose look-up it is: each owner waits only for its own. */
  readonly owner?: string
}

/** The system's resolver (getaddrinfo, so `/etc/hosts` counts), with no cache of ours. */
export const lookupWithSystem: Lookup = async (hostname) => {
  const found = await systemLookup(hostname, { all: true })
  return found.map(({ address }) => address)
}

/**
 * getaddrinfo holds one of libuv's four threads while it waits: names that answer slowly must not stop file work. One
 * set of lanes for each resolver of the process, as there is one pool of threads.
 */
const lanesByLookup = new WeakMap<Lookup, LookupLanes>()

const lanesOf = (lookup: Lookup): LookupLanes => {
  const lanes = lanesByLookup.get(lookup) ?? makeLookupLanes(2, 64)
  lanesByLookup.set(lookup, lanes)
  return lanes
}

/** More than this many addresses of one name are ignored. */
const maxAddresses = 16

/** Lower case, brackets and the root dot taken off: `[::1]` → `::1`, `LOCALHOST.` → `localhost`. */
export const bareHost = (host: string): string => {
  const lower = host.toLowerCase()
  if (lower.startsWith('[') && lower.endsWith(']')) return lower.slice(1, -1)
  return lower.endsWith('.') ? lower.slice(0, -1) : lower
}

/**
 * Resolves once and classifies every address. Dial only what this returns: asking the resolver a second time is how
 * a name that was checked comes to point elsewhere (DNS rebinding).
 *
 * @throws BulkheadError `http.failed` when the name has no usable address; the signal's reason when it aborts
 */
export const resolveAndClassify = async (host: string, options: ResolveOptions = {}): Promise<ResolvedHost> => {
  const name = bareHost(host)
  const literal = canonicalAddress(name)
  const found = literal === undefined ? await lookUp(name, options) : [literal]
  const addresses = [...new Set(found.map(canonicalAddress))]
    .filter((address) => address !== undefined)
    .slice(0, maxAddresses)
    .map(
      (address): ResolvedAddress => ({
        address,
        family: address.includes(':') ? 6 : 4,
        kind: classifyAddress(address),
      }),
    )
  if (addresses.length === 0) throw unresolved(name, 'ENODATA')
  const announced = ({ kind }: ResolvedAddress): boolean =>
    kind === 'public' ||
    (literal !== undefined && kind !== 'platform') ||
    (kind === 'loopback' && (name === 'localhost' || name.endsWith('.localhost')))
  return {
    host: name,
    literal: literal !== undefined,
    addresses,
    guarded: addresses.filter((address) => !announced(address)),
  }
}

const unresolved = (name: string, code: string): BulkheadError =>
  new BulkheadError('http.failed', `the host ${name.slice(0, 253)} could not be resolved (${code})`, {
    hint: 'Check the spelling of the host, and that this machine can resolve names.',
    details: { reason: code },
  })

const lookUp = async (name: string, options: ResolveOptions): Promise<readonly string[]> => {
  const { lookup = lookupWithSystem, signal, owner = '' } = options
  if (name === '' || name.length > 253) throw unresolved(name, 'ENOTFOUND')
  try {
    return await lanesOf(lookup).run(owner, signal, () => lookup(name))
  } catch (thrown) {
    if (signal?.aborted === true) throw asBulkheadError(signal.reason, 'call.cancelled')
    const code = (thrown as NodeJS.ErrnoException | undefined)?.code
    throw unresolved(name, typeof code === 'string' && /^E[A-Z_]{1,30}$/.test(code) ? code : 'EAI_FAIL')
  }
}
