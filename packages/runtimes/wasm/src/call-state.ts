// What one instance knows about the call that it runs. The first error of the host ends the call, whatever the guest
// does after it: a guest can catch an exception that an import throws, so every later import throws it again.

import type { GuestCall, Task } from '@bulkhead/cell'
import type { LogLevel } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { CapturedBytes, nothing } from './captured-bytes.ts'

const noHeaders: Readonly<Record<string, string>> = Object.freeze({})

/** State of the running call. One per instance, begun anew for each call. */
export class CallState {
  /** The error that ended the call, if one did. */
  fatal: BulkheadError | undefined
  /** Exit code, once the guest asked to exit. */
  exitCode: number | undefined
  /** Range that the guest declared as its output. */
  output: { readonly offset: number; readonly length: number } | undefined
  /** Offset of the block that holds the guest's error text; 0 for none. */
  error = 0
  httpStatus = 0
  httpHeaders: Readonly<Record<string, string>> = noHeaders
  /** What the guest reads from its standard input. */
  stdin: Uint8Array = nothing
  stdinAt = 0
  /** What a command wrote to its standard output. */
  readonly stdout = new CapturedBytes()
  /** Whether the guest asked the host for anything before its first call: its first state is then not the same for all. */
  askedAtStart = false
  /** Whether it is starting up. */
  isStarting = false
  #call: GuestCall | undefined

  /** Starts a call. */
  begin(call: GuestCall | undefined): void {
    this.#call = call
    this.task = call?.task
    this.fatal = undefined
    this.exitCode = undefined
    this.output = undefined
    this.error = 0
    this.httpStatus = 0
    this.httpHeaders = noHeaders
    this.stdin = nothing
    this.stdinAt = 0
    this.stdout.clear()
  }

  /** The running call. @throws BulkheadError when the guest's start code makes a host call, outside any */
  get call(): GuestCall {
    if (this.#call === undefined) {
      throw new BulkheadError('plugin.trap', 'the plugin made a host call before any call was running')
    }
    return this.#call
  }

  /** What the running guest code is for. */
  task: Task | undefined

  /** Ends the call with an error. */
  end(error: BulkheadError): BulkheadError {
    this.fatal ??= error
    return this.fatal
  }

  /** @throws BulkheadError when the call is over */
  check(): void {
    if (this.isStarting) this.askedAtStart = true
    if (this.fatal !== undefined) throw this.fatal
    const ended = this.#call?.task.ended
    if (ended !== undefined) throw this.end(ended)
  }

  /** Writes a log line, if a call is running; the cell bounds how much. */
  log(level: LogLevel, line: string): void {
    this.#call?.log(level, line)
  }
}
