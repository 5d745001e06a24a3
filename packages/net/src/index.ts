// The public face of the network policy, by hand.

export { type AddressKind, addressKinds, canonicalAddress, classifyAddress } from './address.ts'
export { type Dialer, type DialerOptions, type DialRequest, type DialTarget, openDialer } from './dialer.ts'
export type { EgressCall } from './egress/authority.ts'
export type { Egress, EgressPorts } from './egress/egress.ts'
export type { EgressProxy, ProxyBounds, ProxyOptions } from './egress/proxy.ts'
export { JoinedBytes } from './joined-bytes.ts'
export {
  bareHost,
  type Lookup,
  lookupWithSystem,
  type ResolvedAddress,
  type ResolvedHost,
  type ResolveOptions,
  resolveAndClassify,
} from './resolve.ts'
export { headBytes, makeMemoryLedger, Traffic, type TrafficLedger } from './traffic.ts'
