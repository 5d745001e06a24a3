// The audit log's own format: what one record says. How records are chained and verified stands in chain.ts.

import type { JsonObject } from '../json.ts'

/** Kinds of event. `capability_check` is the gate's decision. */
export const auditEventTypes = [
  'capability_check',
  'grant_changed',
  'approval',
  'plugin_loaded',
  'plugin_unloaded',
  'plugin_crashed',
  'plugin_restarted',
  'plugin_quarantined',
  'plugin_reloaded',
  'process_started',
  'trust_changed',
  'storage_changed',
  'call_started',
  'call_ended',
  'connection_refused',
  'connection_ended',
  'coalesced',
  'log_opened',
] as const
/** See {@link auditEventTypes}. */
export type AuditEventType = (typeof auditEventTypes)[number]

/** What somebody wants recorded. */
export interface AuditEvent {
  readonly type: AuditEventType
  readonly result: 'allowed' | 'denied' | 'info'
  /** Principal id. */
  readonly principal?: string
  /** Plugin name, for reading. */
  readonly plugin?: string
  readonly callId?: string
  readonly action?: string
  readonly user?: string
  readonly workspace?: string
  /** Principal ids of the callers, outermost first. */
  readonly chain?: readonly string[]
  readonly function?: string
  /** Canonical capabilities as text. */
  readonly capabilities?: readonly string[]
  readonly risk?: string
  /** Why, for people: one line. */
  readonly why?: string
  readonly details?: JsonObject
}

/**
 * Where events go. Append returns when the record is as durable as its urgency asks: `flush` (denials, grants,
 * writes) after the flush of its group, `lazy` (reads) at once, on disk within 100 ms. Under a fail-closed policy the
 * first of a chain is waited for in any case: it shows that the chain can be written.
 */
export interface AuditSink {
  /** @returns the id of the record. @throws BulkheadError `audit.unavailable` when the policy is fail-closed */
  append(event: AuditEvent, urgency: 'flush' | 'lazy'): Promise<string>
  /**
   * As a lazy append, in the same turn. Undefined: it would have to wait, and nothing was taken; append it. The event is
   * read later, so it must not change. Optional: a sink that always waits has none. `nowMs` is the monotonic time, where the
   * caller has just read it.
   * @throws BulkheadError as `append` rejects
   */
  note?(event: AuditEvent, nowMs?: number): string | undefined
}
