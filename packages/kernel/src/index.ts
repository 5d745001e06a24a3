// The kernel's public face, by hand.

export { canonicalJson } from './audit/canonical.ts'
export { type AuditRecord, type ChainHead, makeChainName, readChainName } from './audit/chain.ts'
export type { ChainWriterPorts } from './audit/chain-writer.ts'
export type { AnchorPort, AuditFile, AuditFiles, AuditLine, AuditReader, HeadSigner } from './audit/files.ts'
export { type AuditLevel, auditLevels } from './audit/level.ts'
export { makeAuditLog } from './audit/log.ts'
export {
  type AuditLimits,
  type AuditLog,
  type AuditLogOptions,
  type AuditStatus,
  defaultAuditLimits,
} from './audit/log-options.ts'
export { type AuditFilter, type FoundRecord, queryChains } from './audit/query.ts'
export type { AuditEvent, AuditEventType, AuditSink } from './audit/record.ts'
export { auditEventTypes } from './audit/record.ts'
export {
  type AuditProblem,
  type AuditReport,
  type ChainReport,
  type VerifyOptions,
  verifyChains,
} from './audit/verify.ts'
export type { Awaitable } from './awaitable.ts'
export type { CallContext } from './call/context.ts'
export { contextKey } from './call/context-key.ts'
export { type Bounded, Deadlines } from './call/deadlines.ts'
export { type Lifetime, lifetimeOf, type MakeSignal, OwnedLifetime } from './call/lifetime.ts'
export {
  type CallSession,
  type DispatcherPorts,
  type HostWaits,
  makeDispatcher,
  type OpenCallSession,
} from './call/dispatch.ts'
export { boundLog } from './call/log-budget.ts'
export type { CallMetrics } from './call/metrics.ts'
export { type Payload, packPayload, unpackPayload, type WireValue } from './call/payload.ts'
export { Roster, type RosterEntry } from './call/roster.ts'
export { type BroadWarning, broadWarnings } from './capability/breadth.ts'
export { canonicaliseCapability } from './capability/canonical.ts'
export { makeTurnQueue, type TurnQueue } from './call/turn-queue.ts'
export type { Capability } from './capability/capability.ts'
export { type CapabilityConflict, findConflicts } from './capability/conflicts.ts'
export { defaultNoteCapabilities } from './capability/defaults.ts'
export { formatCapability } from './capability/format.ts'
export {
  type Address,
  type Cidr,
  cidrContains,
  formatAddress,
  isPublicAddress,
  parseAddress,
  parseCidr,
} from './capability/ip.ts'
export { knownCapabilityNames } from './capability/known-names.ts'
export { matchCapability } from './capability/match.ts'
export { type CapabilityPattern, parseCapability, parsePattern } from './capability/parse.ts'
export type { CapabilitySubject } from './capability/pattern.ts'
export type { ScopeRoots } from './capability/scope/scope.ts'
export {
  type CapabilityPredicate,
  type CapabilityQuestion,
  type CapabilitySet,
  makeCapabilitySet,
} from './capability/set.ts'
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
  defineHostFunction,
  type HostFunction,
  type RunContext,
  shortRecord,
  WrittenOutput,
} from './function/host-function.ts'
export { type Risk, riskLevels } from './function/risk.ts'
export { type FunctionTable, makeFunctionTable } from './function/table.ts'
export {
  type ApprovalAnswer,
  type ApprovalMemory,
  type ApprovalQuestion,
  type ApprovePort,
  approvalAnswers,
  makeApprovalMemory,
} from './gate/approval.ts'
export type { Decision, DenyReason, Gate, GateRequest } from './gate/gate.ts'
export { type GatePorts, type GrantSource, makeGate, type RegisteringGate } from './gate/make-gate.ts'
export type { Permit } from './gate/permit.ts'
export type { AllowSet, GatePolicy } from './gate/policy.ts'
export type { Registration } from './gate/registrations.ts'
export { defaultJsonCaps, type Json, type JsonCaps, type JsonObject, jsonDepthExceeds, parseJson } from './json.ts'
export {
  defaultLimitText,
  isLimitName,
  isLimitValue,
  type LimitName,
  limitNames,
  type LimitSpec,
  limitSpecs,
  limitText,
  parseLimit,
} from './limit-specs.ts'
export {
  defaultLimits,
  durationText,
  grantLimits,
  type Limits,
  parseDurationMs,
  parseSizeBytes,
  sizeText,
  tightenLimits,
  type WasmFeatures,
  wasmFeatures,
} from './limits.ts'
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
export { actionNamePattern } from './manifest/authored-fields.ts'
export type { ManifestFault, ManifestWarning } from './manifest/fault.ts'
export { extractFrontmatter, type Frontmatter } from './manifest/frontmatter.ts'
export { manifestJsonSchema } from './manifest/json-schema.ts'
export { manifestForLoneFile, nameOfFile } from './manifest/lone-file.ts'
export { artifactKind } from './manifest/normalise.ts'
export { checkEngine } from './dependency/engine.ts'
export {
  type DependencyNode,
  type RefusedPlugin,
  type ResolvedDependencies,
  requireDependencies,
  resolveDependencies,
} from './dependency/resolve.ts'
export {
  type Lifecycle,
  type LifecycleListener,
  lifecycleTransitions,
  openLifecycle,
  type PluginState,
  pluginStates,
  validTransition,
} from './lifecycle/lifecycle.ts'
export {
  type Crash,
  type CrashVerdict,
  defaultSupervision,
  type HealthState,
  narrowSupervision,
  type SupervisionRules,
  Supervisor,
  supervisionRules,
} from './lifecycle/supervision.ts'
export { findWidening, type Stated } from './lifecycle/widening.ts'
export { CheckedSchema, compileSchemaWith } from './schema/compile.ts'
export { compileLinearPattern, compileSchema } from './schema/linear-patterns.ts'
export { type LinearPattern, type PatternCompiler, schemaCaps } from './schema/node.ts'
export type { SchemaIssue } from './schema/run.ts'
export { defaultMaxSteps, formatIssues, type ValidationResult, validate } from './schema/validate.ts'
export type { Clock, Crypto, DailyLedger, LogEntry, LogLevel, LogSink } from './ports.ts'
export type { Principal } from './principal.ts'
export type {
  CompartmentCare,
  Dispatch,
  HostReply,
  LoadedPlugin,
  Perform,
  PluginArtifact,
  Runtime,
  RuntimeCall,
  RuntimeLoadOptions,
  RuntimeResult,
  RuntimeUsage,
  SourceDiagnostic,
  SourceReport,
} from './runtime.ts'
export type { DecideAccess, ProcessAccess, ProcessFacts } from './process-access.ts'
export { decodeBase64, encodeBase64 } from './text/base64.ts'
export { escapeBlock, escapeLine } from './text/escape.ts'
export { nearestNames } from './text/nearest.ts'
export { addUsage, type CallUsage, noteStored, usageOf } from './usage.ts'
