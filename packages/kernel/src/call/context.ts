// The context of one call. The host makes it; no guest supplies any of it. It rides every host call, timer and audit
// record, and dies with the call.

import type { Lifetime } from './lifetime.ts'
import type { Limits } from '../limits.ts'
import type { Principal } from '../principal.ts'

/** Everything that identifies and bounds one call. Frozen. */
export interface CallContext {
  readonly callId: string
  /** Whoever is acting now: the plugin that runs. */
  readonly principal: Principal
  /** The plugins that called it, outermost first; empty for a call from the embedding program. Authority is the intersection along it. */
  readonly chain: readonly Principal[]
  readonly action: string
  /** Absent means the embedding program named none; policy then decides with an absent id. */
  readonly user?: string
  readonly workspace?: string
  /** Absolute, canonical folder that relative paths in capabilities and file calls resolve against. */
  readonly workspaceRoot: string
  /** Milliseconds on the monotonic clock after which the call is over. */
  readonly deadlineMs: number
  readonly limits: Limits
  /** Aborts when the call ends for whatever reason; its `reason` is the BulkheadError to report. */
  readonly signal: AbortSignal
  /** The same, cheaper to listen to: reading {@link signal} makes one. Absent where a maker has only a signal. */
  readonly lifetime?: Lifetime
}
