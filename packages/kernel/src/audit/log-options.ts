// What the audit log offers, and how it is set up: its sizes and rates, its policy. Nothing happens here.

import type { ChainHead } from './chain.ts'
import { type CoalesceLimits, defaultCoalesceLimits } from './coalesce.ts'
import type { AnchorPort } from './files.ts'
import type { AuditLevel } from './level.ts'
import type { AuditSink } from './record.ts'

/** Sizes and rates of a log. */
export interface AuditLimits extends CoalesceLimits {
  /** A chain's file beyond which the next chain begins, bytes. */
  readonly chainBytes: number
  /** All chains together, bytes; beyond it nothing is recorded, and nothing is ever deleted to make room. */
  readonly totalBytes: number
  /**
   * What one principal may write in one process, bytes, and never more than a quarter of what the log could still take
   * when the process began; beyond it only that principal is refused.
   */
  readonly principalBytes: number
  /** How long a lazy record waits for its flush, ms. */
  readonly lazyMs: number
  /** Records of one principal that may wait before its lazy appends wait as well. */
  readonly queued: number
  readonly groupRecords: number
  readonly groupBytes: number
  /** First wait before a failed log is tried again, ms; doubles to a minute. */
  readonly retryMs: number
  /** Least time between two exports of a head, ms. */
  readonly anchorMs: number
}

const MiB = 1024 * 1024

/** Defaults of {@link AuditLimits}. */
export const defaultAuditLimits: AuditLimits = {
  ...defaultCoalesceLimits,
  chainBytes: 64 * MiB,
  totalBytes: 1024 * MiB,
  principalBytes: 256 * MiB,
  lazyMs: 50,
  queued: 512,
  groupRecords: 256,
  groupBytes: MiB,
  retryMs: 1000,
  anchorMs: 60_000,
}

/** Options of {@link makeAuditLog}. */
export interface AuditLogOptions {
  readonly level: AuditLevel
  /** Whether an append that cannot be written rejects. If not, it resolves to '' and is counted. */
  readonly failClosed: boolean
  /** Process id, for the chain's name. */
  readonly pid: number
  readonly limits?: Partial<AuditLimits>
  readonly anchor?: AnchorPort
}

/** State of a log. */
export interface AuditStatus {
  /** Why nothing can be recorded now. */
  readonly failing: string | undefined
  /** Records that were lost since the log was opened (fail-open; or lazy ones before a failure showed). */
  readonly lost: number
  readonly anchorFailures: number
}

/** An open log. */
export interface AuditLog extends AuditSink, AsyncDisposable {
  /** Resolves when everything appended before is on disk. @throws BulkheadError `audit.unavailable` */
  flush(): Promise<void>
  /** Head of the chain that is being written; its count is 0 before the first record. */
  head(): ChainHead
  status(): AuditStatus
}
