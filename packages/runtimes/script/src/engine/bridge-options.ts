// What a bridge is made with, and what it tells.

import type { Engine } from '@bulkhead/cell'
import type { Limits, LogLevel } from '@bulkhead/kernel'
import type { BulkheadError } from '@bulkhead/kernel/wire'

/** How the guest says that a call ended. */
export type Outcome =
  | { readonly ok: true; readonly json: string; readonly blobs: readonly Uint8Array[] }
  | { readonly ok: false; readonly json: string }

/** What a bridge is made with. */
export interface BridgeOptions {
  readonly limits: Limits
  readonly after: Engine['after']
  classify(thrown: unknown): BulkheadError
  /** Lines written while the module is evaluated. */
  log(level: LogLevel, message: string): void
}
