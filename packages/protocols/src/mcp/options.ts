// What an MCP client is opened with, and what it offers.

import type { ActionSpec, BulkheadError, Clock, Json, LogLevel } from '@bulkhead/kernel'
import type { JsonRpcBounds } from '../jsonrpc/bounds.ts'
import type { PeerStatistics } from '../jsonrpc/options.ts'
import type { StreamPair } from '../jsonrpc/streams.ts'
import type { PeerIdentity } from '../plugin/options.ts'

/** Options of {@link openMcpClient}. */
export interface McpClientOptions {
  readonly streams: StreamPair
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  readonly client: PeerIdentity
  /** The era to speak, where it is known; absent: the server is asked. */
  readonly era?: 'modern' | 'legacy'
  readonly bounds?: Partial<JsonRpcBounds>
  /** Time for the whole handshake, ms. */
  readonly handshakeTimeoutMs: number
  /** Time after which a server that does not answer the question for its era is taken for a legacy one, ms. */
  readonly probeTimeoutMs?: number
  readonly signal?: AbortSignal
  /** The least severe lines that the server is asked for; absent: none. */
  readonly logLevel?: LogLevel
  /** Lines of the server's; escaped, on one line, and capped. */
  log(level: LogLevel, message: string): void
  /** Told that the list of tools changed. */
  readonly onToolsChanged?: () => void
}

/** One call of a tool. */
export interface ToolCall {
  /** Name of the action. */
  readonly action: string
  /** An object, or null for none. */
  readonly input: Json
  /** Time for the answer, ms. `Infinity`: the signal alone ends the call. */
  readonly timeoutMs: number
  readonly signal?: AbortSignal
}

/** A server at the other end of a pair of streams. Disposing ends the calls that are under way and the streams. */
export interface McpClient extends Disposable {
  /** What the server calls itself; not verified by anything. */
  readonly identity: PeerIdentity | undefined
  /** The revision that is spoken. */
  readonly revision: string
  readonly era: 'modern' | 'legacy'
  /**
   * All tools as actions, page by page.
   * @throws BulkheadError `output.invalid` for names that collide or are none, endless pages, too many tools
   */
  listActions(options: { timeoutMs: number; signal?: AbortSignal }): Promise<Readonly<Record<string, ActionSpec>>>
  /**
   * Calls a tool that was listed. Yields its structured output where it declares one, else `{ content: [blocks…] }`.
   * @throws BulkheadError `action.unknown`, `plugin.failed` the tool's own failure, `output.invalid`, and as
   *   {@link JsonRpcPeer.call}
   */
  call(call: ToolCall): Promise<Json>
  /** @throws BulkheadError when it does not answer in time */
  ping(timeoutMs: number): Promise<void>
  /** Closes the server's input, which asks it to finish. */
  endInput(): void
  readonly closed: Promise<BulkheadError>
  readonly statistics: PeerStatistics
}
