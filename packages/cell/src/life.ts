// One life of a cell program, seen from the host: guests are loaded into it, it runs calls, and dies once. What belongs to
// a dead one never reaches a caller. The berth (berth.ts) starts the next one.

import type { ActionSpec, Awaitable, LogLevel, RuntimeCall, RuntimeResult } from '@bulkhead/kernel'
import type { BulkheadError } from '@bulkhead/kernel/wire'
import type { CellArtifact } from './driver.ts'
import type { EngineOptions } from './engine.ts'

/** Thrown to the cell when the life ended under a call that had done nothing yet and can simply run again. */
export class RunAgain extends Error {}

/** A guest to load. */
export interface GuestToLoad {
  readonly driverUrl: URL
  readonly artifact: CellArtifact
  readonly features?: EngineOptions['features']
  /** Wall time for compiling and whatever of the guest runs before the first call. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  log(level: LogLevel, message: string): void
  /** Told when what it is loaded in dies while nothing is under way there. */
  died?(error: BulkheadError): void
}

/** A loaded guest. */
export interface GuestHandle {
  readonly id: number
  readonly actions: Readonly<Record<string, ActionSpec>>
}

/** See the file's head. */
export interface Life {
  /** Why it is dead; undefined while it lives. */
  readonly dead: BulkheadError | undefined
  /** Loads a guest. @throws BulkheadError, or {@link RunAgain} */
  load(guest: GuestToLoad): Promise<GuestHandle>
  /** Drops a guest and its instances. Its calls must be over. */
  unload(guest: GuestHandle): Promise<void>
  /** Runs one call. Throws or rejects with a BulkheadError, or {@link RunAgain}. */
  run(guest: GuestHandle, request: RuntimeCall, contextKey: string): Awaitable<RuntimeResult>
  /** Ends the calls of one guest. */
  abandon(guest: GuestHandle, cause: BulkheadError): void
  /**
   * Ends it. Calls in flight that made no host call yet run again elsewhere when `cause` is another call's end
   * (`limit.*`, `call.*`); when the compartment crashed or is closed, all of them fail with `cause`.
   */
  end(cause: BulkheadError): void
  /** Settles when what it ran on is gone. */
  ended(): Promise<void>
}
