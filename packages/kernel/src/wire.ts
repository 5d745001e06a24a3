// What both ends of a wire need of the kernel: errors, JSON, payloads. A cell program starts in a few milliseconds
// because it imports this instead of the whole kernel, which brings schemas, parsers and the gate along.

export { type Bounded, Deadlines } from './call/deadlines.ts'
export { contextKey } from './call/context-key.ts'
export { type Lifetime, lifetimeOf, type MakeSignal, OwnedLifetime, within } from './call/lifetime.ts'
export { boundLog, type Log } from './call/log-budget.ts'
export { type Payload, packPayload, unpackPayload, type WireValue } from './call/payload.ts'
export { Roster, type RosterEntry } from './call/roster.ts'
export {
  asBulkheadError,
  BulkheadError,
  type BulkheadErrorOptions,
  type ErrorCode,
  errorFromWire,
  isErrorCode,
  type WireError,
} from './errors.ts'
export { defaultJsonCaps, type Json, type JsonCaps, type JsonObject, jsonDepthExceeds, parseJson } from './json.ts'
export { decodeBase64, encodeBase64 } from './text/base64.ts'
export { escapeLine } from './text/escape.ts'
export { nearestNames } from './text/nearest.ts'
export { type Risk, riskLevels } from './function/risk.ts'
export { parseDurationMs } from './limits.ts'
