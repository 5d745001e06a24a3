// What a program speaks, as the runtime needs it, whatever the protocol. Each protocol has a file of its own.

import type { ActionSpec, BulkheadError, LogLevel, WireValue } from '@bulkhead/kernel'
import type { ProcessActionCall } from '@bulkhead/protocols'
import type { Confined } from '@bulkhead/sandbox'

/** Protocols that this build speaks. */
export type SpokenProtocol = 'jsonrpc' | 'mcp' | 'go-plugin'

/** What a program is told of whom it speaks to. */
export interface SpeakerOptions {
  readonly protocol: SpokenProtocol
  readonly name: string
  readonly version: string
  readonly hostVersion: string
  readonly functions: readonly string[]
  readonly config: Readonly<Record<string, string>>
  /** Longest output of an action, bytes. */
  readonly maxOutputBytes: number
  /** For the handshake, ms. */
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
  /** Lines that belong to no call. */
  log(level: LogLevel, message: string): void
}

/** A program that is about to be started. */
export interface PreparedSpeaker {
  /** Variables that the program needs beside those that every program has. */
  readonly environment: Readonly<Record<string, string>>
  /** Whether it speaks over Unix sockets that it makes itself; when absent it makes none. */
  readonly localSockets?: boolean
  /**
   * Takes up with the program, once: reads its standard error and shakes hands. When it fails, whoever started the program
   * ends it.
   * @throws BulkheadError `protocol.*`, `plugin.crashed`, `call.cancelled`
   */
  open(confined: Confined): Promise<Speaker>
}

/** The host's end of what a program speaks. Disposing ends its calls and lets go of it; the program is ended by its starter. */
export interface Speaker extends Disposable {
  listActions(timeoutMs: number): Promise<Readonly<Record<string, ActionSpec>>>
  /** @throws BulkheadError */
  call(call: ProcessActionCall): Promise<WireValue>
  /** Whether the program is there, and done with the calls that are over. @throws BulkheadError when it is not, or not in time */
  ping(timeoutMs: number): Promise<void>
  /** Asks the program to finish. */
  shutdown(timeoutMs: number): Promise<unknown>
  /** Settles when the program cannot be spoken to any more, with the reason. */
  readonly closed: Promise<BulkheadError>
}
