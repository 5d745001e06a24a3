// The public library, by hand. Surfaces and embedding programs use nothing else.

export {
  type ActionSpec,
  type ApprovePort,
  auditEventTypes,
  type Boundary,
  BulkheadError,
  bytes,
  defaultSupervision,
  defineHostFunction,
  type AnyHostFunction,
  type CallMetrics,
  type ErrorCode,
  errorTable,
  escapeBlock,
  escapeLine,
  type HealthState,
  isErrorCode,
  isLimitName,
  type Json,
  type JsonObject,
  type LimitName,
  type Limits,
  limitNames,
  limitSpecs,
  limitText,
  type LogEntry,
  type LogLevel,
  type LogSink,
  type Manifest,
  type PluginState,
  parseDurationMs,
  parseJson,
  parseLimit,
  parseSizeBytes,
  type Risk,
  riskLevels,
  type SourceDiagnostic,
  type SupervisionRules,
  type WasmFeatures,
  type WireError,
  wasmFeatures,
} from '@bulkhead/kernel'
export type { Embedder } from '@bulkhead/service-notes'
export type {
  CallLimits,
  CallOptions,
  CallOutcome,
  Host,
  HostOptions,
  PluginHealth,
  PluginInfo,
  PluginPolicy,
  PluginStatus,
  Policy,
} from './api.ts'
export type { HostEvents, SkippedPlugin } from './host-events.ts'
export { queryAudit, verifyAudit } from './audit/audit-node.ts'
export { runDoctor } from './doctor-node.ts'
export { openHost } from './open-host.ts'
export { checkPlugin } from './plugin/check-node.ts'
export { findInstalled, inspectPlugin } from './plugin/inspect-node.ts'
export type { CheckedPlugin, DoctorFinding, PluginReport } from './reports.ts'
export { resolveHome } from './state/home-node.ts'
export {
  type FolderDigest,
  isTrusted,
  listTrusted,
  previewTrust,
  trustFolder,
  untrustFolder,
} from './state/trust-node.ts'
export type {
  DailyLedger,
  KvAdded,
  KvBatchWritten,
  KvCaller,
  KvEntry,
  KvEntryPage,
  KvExpiry,
  KvListOptions,
  KvNamespace,
  KvPage,
  KvPayer,
  KvScope,
  KvSetOptions,
  KvSpaceUse,
  KvStore,
  KvWrite,
  KvWritten,
  StateStore,
} from '@bulkhead/service-kv'
export type { PluginStorage, StorageEntry, StorageSpace, StorageUse } from './storage.ts'
export { hostVersion } from './version.ts'
