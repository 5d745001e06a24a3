// Scopes of `network.private`: addresses that are not public, to which a granted host name may resolve. An address or a
// CIDR block, never a star: who wants all of them writes 0.0.0.0/0 and ::/0, and sees what it says.

import { invalidCapability } from '../invalid.ts'
import { cidrContains, formatAddress, parseAddress, parseCidr } from '../ip.ts'
import type { ScopeKind } from './scope.ts'

const hint = 'Write an address or a block: network.private:10.1.2.3, network.private:fd00::/8.'
const bare = (scope: string): string => (/^\[.*\]$/.test(scope) ? scope.slice(1, -1) : scope)

/** Addresses and blocks; an IPv4-mapped IPv6 address is its IPv4 address. */
export const privateAddressScope: ScopeKind = {
  readSubject: (scope) => {
    const address = parseAddress(bare(scope))
    if (address === undefined) throw invalidCapability(scope, 'is not an IP address', hint)
    return { text: formatAddress(address), address }
  },
  readPattern: (scope) => {
    const block = parseCidr(bare(scope))
    if (block === undefined) throw invalidCapability(scope, 'is neither an IP address nor a CIDR block', hint)
    const holds = ({ address }: { address?: Parameters<typeof cidrContains>[1] }): boolean =>
      address !== undefined && cidrContains(block, address)
    return { covers: holds, touches: holds }
  },
}
