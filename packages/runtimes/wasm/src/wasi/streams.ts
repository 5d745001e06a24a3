// Standard streams of a WASI guest: input is the call's input (commands) or empty, output and error become log lines,
// or the call's output when a command runs.

import type { LogLevel } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { CallState } from '../call-state.ts'

/** What is split of one call, each line counted with what it costs: more than the cell's log takes, which drops the rest. */
const mostLogBytes = 1024 * 1024 + 64 * 1024
const logLineCost = 64
/** Longest unfinished line that is held back. */
const longestPartialLine = 16 * 1024

/** Splits a stream of bytes into log lines, of one call at a time. */
export class LineLog {
  readonly #level: LogLevel
  readonly #state: CallState
  /** Made for the first line: most instances write none. */
  #decoder: TextDecoder | undefined
  #partial = ''
  /** What the log has taken of this call, lines as it counts them: beyond its bound nothing is split any more. */
  #taken = 0

  constructor(state: CallState, level: LogLevel) {
    this.#state = state
    this.#level = level
  }

  /** In steps: a guest may write its whole memory at once, and text and lines take a multiple of it on our heap. */
  write(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.#taken <= mostLogBytes; at += longestPartialLine) {
      this.#writeStep(bytes.subarray(at, at + longestPartialLine))
    }
  }

  /** The call ends: logs what is left without a line end, and keeps nothing for the next. */
  end(): void {
    if (this.#decoder !== undefined) this.#partial += this.#decoder.decode()
    this.#decoder = undefined
    this.#flush()
    this.#taken = 0
  }

  #writeStep(bytes: Uint8Array): void {
    this.#decoder ??= new TextDecoder()
    const lines = (this.#partial + this.#decoder.decode(bytes, { stream: true })).split('\n')
    this.#partial = lines.pop() ?? ''
    for (const line of lines) this.#log(line)
    if (this.#partial.length > longestPartialLine) this.#flush()
  }

  #flush(): void {
    if (this.#partial !== '') this.#log(this.#partial)
    this.#partial = ''
  }

  #log(line: string): void {
    this.#taken += line.length + logLineCost
    this.#state.log(this.#level, line)
  }
}

/** The three streams of one instance. */
export class StandardStreams {
  readonly #state: CallState
  readonly #out: LineLog
  readonly #err: LineLog
  /** Whether standard output is the call's output. */
  capture = false

  constructor(state: CallState) {
    this.#state = state
    this.#out = new LineLog(state, 'info')
    this.#err = new LineLog(state, 'warn')
  }

  /** Copies input into a buffer; answers how many bytes, 0 at the end. */
  read(into: Uint8Array): number {
    const { stdin, stdinAt } = this.#state
    const part = stdin.subarray(stdinAt, stdinAt + into.length)
    into.set(part)
    this.#state.stdinAt += part.length
    return part.length
  }

  /** Takes bytes of standard output (1) or error (2). @throws BulkheadError `limit.output` */
  write(fd: 1 | 2, bytes: Uint8Array, mostBytes: number): void {
    if (fd === 2) this.#err.write(bytes)
    else if (!this.capture) this.#out.write(bytes)
    else {
      if (this.#state.stdout.length + bytes.length > mostBytes) {
        throw new BulkheadError('limit.output', `the plugin wrote more than ${mostBytes} bytes of output`)
      }
      this.#state.stdout.append(bytes)
    }
  }

  /** The call ends: unfinished lines are logged. */
  end(): void {
    this.#out.end()
    this.#err.end()
  }
}
