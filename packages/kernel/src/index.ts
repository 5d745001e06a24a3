// The kernel's public face, by hand.

export type { AuditEvent, AuditEventType, AuditSink } from './audit/record.ts'
export { auditEventTypes } from './audit/record.ts'
export type { CallContext } from './call/context.ts'
export { type CallSession, type DispatcherPorts, makeDispatcher, type OpenCallSession } from './call/dispatch.ts'
export type { CallMetrics } from './call/metrics.ts'
export { type Payload, packPayload, unpackPayload, type WireValue } from './call/payload.ts'
export type { Capability } from './capability/capability.ts'
export {
  asBulkheadError,
  BulkheadError,
  type BulkheadErrorOptions,
  type ErrorCode,
  type ErrorEntry,
  errorFromWire,
  errorTable,
  isErrorCode,
  type WireError,
} from './errors.ts'
export {
  type AnyHostFunction,
  bytes,
  decodeBase64,
  defineHostFunction,
  encodeBase64,
  type HostFunction,
  type Risk,
  type RunContext,
  riskLevels,
} from './function/host-function.ts'
export { type FunctionTable, makeFunctionTable } from './function/table.ts'
export type { Decision, DenyReason, Gate, GateRequest } from './gate/gate.ts'
export type { Permit } from './gate/permit.ts'
export { defaultJsonCaps, type Json, type JsonCaps, type JsonObject, jsonDepthExceeds, parseJson } from './json.ts'
export { defaultLimits, type Limits, parseDurationMs, parseSizeBytes, tightenLimits } from './limits.ts'
export {
  type ActionSpec,
  type Ask,
  type Boundary,
  boundaries,
  type ExecutionSpec,
  type Isolation,
  isolations,
  type Language,
  languages,
  type Manifest,
  type PluginType,
  type Protocol,
  pluginTypes,
  protocols,
  type SandboxSpec,
  type Tier,
  tiers,
} from './manifest/manifest.ts'
export {
  formatFault,
  type ManifestFormat,
  type ManifestSource,
  manifestFormat,
  type ParsedManifest,
  parseManifest,
  requireManifest,
} from './manifest/parse-manifest.ts'
export type { ManifestFault, ManifestWarning } from './manifest/fault.ts'
export { extractFrontmatter, type Frontmatter } from './manifest/frontmatter.ts'
export { manifestForLoneFile, nameOfFile } from './manifest/lone-file.ts'
export { artifactKind } from './manifest/normalise.ts'
export type { Clock, Crypto, LogEntry, LogLevel, LogSink } from './ports.ts'
export type { Principal } from './principal.ts'
export type {
  Dispatch,
  HostReply,
  LoadedPlugin,
  PluginArtifact,
  Runtime,
  RuntimeCall,
  RuntimeLoadOptions,
  RuntimeResult,
} from './runtime.ts'
export { escapeBlock, escapeLine } from './text/escape.ts'
export { nearestNames } from './text/nearest.ts'
