// The public face of the network policy, by hand.

export { type AddressKind, addressKinds, canonicalAddress, classifyAddress } from './address.ts'
export { type Dialer, type DialerOptions, type DialTarget, openDialer, pinnedConnector } from './dialer.ts'
export {
  bareHost,
  type Lookup,
  lookupWithSystem,
  type ResolvedAddress,
  type ResolvedHost,
  type ResolveOptions,
  resolveAndClassify,
} from './resolve.ts'
