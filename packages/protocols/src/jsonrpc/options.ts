// What a JSON-RPC peer is opened with, and what it offers.

import type { BulkheadError, Clock, LogLevel } from '@bulkhead/kernel'
import type { z } from 'zod'
import type { JsonRpcBounds } from './bounds.ts'
import type { RpcMethod, RpcNotice } from './method.ts'
import type { ServedMethod } from './served-calls.ts'
import type { StreamPair } from './streams.ts'

/** A notification of the peer's, and what it does here. Works at once; nothing is queued for it. */
export interface HeardNotice {
  readonly notice: RpcNotice
  hear(params: never): void
}

/** A notification with its listener; checked together, stored apart from its types. */
export const hear = <Params extends z.ZodType>(
  notice: RpcNotice<Params>,
  listener: (params: z.output<Params>) => void,
): HeardNotice => ({ notice, hear: listener })

/** How this protocol says that a call is cancelled. */
export interface CancelWords {
  /** The method of the notification. */
  readonly method: string
  /** The member of its params that holds the id. */
  readonly idKey: string
}

/** Options of {@link openJsonRpcPeer}. */
export interface JsonRpcPeerOptions {
  readonly streams: StreamPair
  readonly clock: Pick<Clock, 'monotonic' | 'after'>
  readonly bounds?: Partial<JsonRpcBounds>
  /** What the peer may call. Anything else is answered with "method not found". */
  readonly serves?: readonly ServedMethod[]
  /** What the peer may say. Anything else is counted and dropped. */
  readonly hears?: readonly HeardNotice[]
  readonly cancel?: CancelWords
  /** Whether the peer may only answer before the handshake is over. */
  readonly quietUntilOpen?: boolean
  /** Told of what was dropped; the text is escaped and on one line. */
  log?(level: LogLevel, message: string): void
}

/** Options of one call. */
export interface PeerCallOptions {
  /** Time for the answer, ms. `Infinity`: the signal alone ends the call, for a clock that can stand still. */
  readonly timeoutMs: number
  /** Ends the call; a reason that is a BulkheadError is what the call rejects with. */
  readonly signal?: AbortSignal
  /** A good answer to this call ends the handshake: from the next message on, the peer may call. */
  readonly opens?: boolean
  /** What is called, in words for errors; the method's name when absent. */
  readonly what?: string
  /** Told the id before the message is written. */
  readonly onId?: (id: string) => void
}

/** What is held and what was counted. */
export interface PeerStatistics {
  /** Room taken by a line that has no end yet, bytes. */
  readonly heldBytes: number
  /** Written here and not yet taken by the peer's pipe, bytes. */
  readonly waitingBytes: number
  readonly callsOut: number
  readonly callsIn: number
  readonly abandoned: number
  readonly unsolicited: number
  readonly late: number
  readonly strayLines: number
  /** Notifications that nobody here hears. */
  readonly unheard: number
  /** Whether reading pauses because the peer sends too much. */
  readonly isThrottled: boolean
}

/** A peer. Disposing ends what is under way with `call.cancelled` and both streams. */
export interface JsonRpcPeer extends Disposable {
  /**
   * Calls and waits.
   * @throws BulkheadError (it rejects with it) `plugin.failed` the peer's own error, `output.invalid` its answer does not
   *   fit, `limit.time`, `limit.concurrency`, `call.cancelled`, `input.invalid`, `input.too-large`, `protocol.*`,
   *   `plugin.crashed` the peer's output ended
   */
  call<Params extends z.ZodType, Result extends z.ZodType>(
    method: RpcMethod<Params, Result>,
    params: z.input<Params>,
    options: PeerCallOptions,
  ): Promise<z.output<Result>>
  /** @throws BulkheadError `input.invalid`, `input.too-large`, `protocol.stalled` */
  notify<Params extends z.ZodType>(notice: RpcNotice<Params>, params: z.input<Params>): void
  /** Ends the handshake by hand. */
  open(): void
  /** Ends the connection because of the peer. */
  refuse(error: BulkheadError): void
  /** No more is written; what the peer still says is read. */
  endInput(): void
  /** Why the connection ended; never rejects. */
  readonly closed: Promise<BulkheadError>
  readonly statistics: PeerStatistics
}

/** Cancellation as the Language Server Protocol spells it. */
export const lspCancel: CancelWords = { method: '$/cancelRequest', idKey: 'id' }
