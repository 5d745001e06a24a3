// What the host's side of a process plugin is opened with, and what it offers.

import type { ActionSpec, BulkheadError, Clock, Dispatch, LogLevel, WireValue } from '@bulkhead/kernel'
import type { JsonRpcBounds } from '../jsonrpc/bounds.ts'
import type { PeerStatistics } from '../jsonrpc/options.ts'
import type { StreamPair } from '../jsonrpc/streams.ts'

/** A name and a version, for people. */
export interface PeerIdentity {
  readonly name: string
  readonly version: string
}

/** Options of {@link openProcessPlugin}. */
export interface ProcessPluginOptions {
  readonly streams: StreamPair
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  readonly host: PeerIdentity
  /** As the manifest has it; a peer that calls itself otherwise is refused. */
  readonly plugin: PeerIdentity
  /** Names of the host functions that the plugin may try. */
  readonly functions: readonly string[]
  readonly config?: Readonly<Record<string, string>>
  readonly bounds?: Partial<JsonRpcBounds>
  /** Time for the handshake, ms. */
  readonly handshakeTimeoutMs: number
  readonly signal?: AbortSignal
  /** Lines that belong to no call. They are escaped, on one line, and capped. */
  log(level: LogLevel, message: string): void
}

/** One call of an action. */
export interface ProcessActionCall {
  /** The host's own id of the call; the plugin names it in its host calls. */
  readonly callId: string
  readonly action: string
  readonly input: WireValue
  /** Time that is left, ms. `Infinity`: the signal alone ends the call. */
  readonly timeoutMs: number
  /** The time that the plugin is told, ms; `timeoutMs` when absent. Needed where that is not finite. */
  readonly toldMs?: number
  /** Ends the call; a reason that is a BulkheadError is what the call rejects with. */
  readonly signal?: AbortSignal
  readonly dispatch: Dispatch
  /** Lines of this call; escaped, on one line, and capped. */
  log(level: LogLevel, message: string): void
}

/** A plugin at the other end of a pair of streams. Disposing ends the calls that are under way and the streams. */
export interface ProcessPlugin extends Disposable {
  readonly identity: PeerIdentity
  readonly protocolVersion: number
  /** What it says that it offers. Of risk it has no say: the manifest tells that. */
  listActions(options: { timeoutMs: number; signal?: AbortSignal }): Promise<Readonly<Record<string, ActionSpec>>>
  /**
   * Calls an action. Its host calls end with it.
   * @throws BulkheadError as {@link JsonRpcPeer.call}; `details.hostErrorId` names a host error that came back
   */
  call(call: ProcessActionCall): Promise<WireValue>
  /** @throws BulkheadError when it does not answer in time */
  ping(timeoutMs: number): Promise<void>
  /** Asks it to finish and closes its input; says whether it answered. What runs the process ends it then. */
  shutdown(timeoutMs: number): Promise<boolean>
  readonly closed: Promise<BulkheadError>
  readonly statistics: PeerStatistics
}
