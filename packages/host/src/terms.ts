// `@bulkhead/host/terms`: the part of the public library that is there before a host is: errors, texts, limits, and where state
// lives. It loads in a few milliseconds; `@bulkhead/host` has all of it as well.

export {
  auditEventTypes,
  BulkheadError,
  escapeBlock,
  escapeLine,
  isLimitName,
  type Limits,
  limitNames,
  limitSpecs,
  limitText,
  parseDurationMs,
  parseJson,
  parseLimit,
  type WireError,
  wasmFeatures,
} from '@bulkhead/kernel/terms'
export { resolveHome } from './state/home-node.ts'
