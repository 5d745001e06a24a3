// Reads a peer's messages off its stream, one after the other, within bounds, and no faster than they are paid for.

import type { Readable } from 'node:stream'
import { BulkheadError, type Clock, escapeLine } from '@bulkhead/kernel'
import type { JsonRpcBounds } from './bounds.ts'
import { LineBuffer } from './line-buffer.ts'
import { readMessage, type RpcMessage } from './message.ts'
import { Throttle } from './throttle.ts'

/** Who hears what a {@link MessageReader} reads. What `receive` throws ends the reading. */
export interface MessageSink {
  /** Tells whether the peer has to pay for the message. */
  receive(message: RpcMessage): boolean
  stray(text: string): void
  end(error: BulkheadError): void
}

/** See the file's head. */
export class MessageReader implements Disposable {
  readonly #stream: Readable
  readonly #clock: Pick<Clock, 'monotonic' | 'after'>
  readonly #bounds: JsonRpcBounds
  readonly #sink: MessageSink
  readonly #lines = new LineBuffer()
  /** Counts messages. */
  readonly #messages: Throttle
  /** Counts milliseconds: a few messages that are hard to parse would keep this side as busy as very many. */
  readonly #busyMs: Throttle
  #handshakeBytes = 0
  #isOpen = false
  #isOver = false
  #strayLines = 0
  /** What of a chunk is left while reading pauses. */
  #rest: { readonly chunk: Uint8Array; readonly start: number } | undefined
  #pause: Disposable | undefined
  #hasEnded = false

  constructor(
    stream: Readable,
    clock: Pick<Clock, 'monotonic' | 'after'>,
    options: { bounds: JsonRpcBounds; sink: MessageSink },
  ) {
    this.#stream = stream
    this.#clock = clock
    this.#bounds = options.bounds
    this.#sink = options.sink
    this.#messages = new Throttle(clock, options.bounds.maxMessagesPerSecond)
    this.#busyMs = new Throttle(clock, options.bounds.maxBusyShare * 1000)
    stream.on('data', this.#onData)
    stream.on('end', this.#onEnd)
    stream.on('close', this.#onEnd)
    stream.on('error', this.#onError)
  }

  get heldBytes(): number {
    return this.#lines.heldBytes
  }

  get isThrottled(): boolean {
    return this.#pause !== undefined
  }

  get strayLines(): number {
    return this.#strayLines
  }

  /** The handshake is over: the bounds on it no longer count. */
  open(): void {
    this.#isOpen = true
  }

  [Symbol.dispose](): void {
    this.#isOver = true
    this.#rest = undefined
    this.#lines.clear()
    this.#pause?.[Symbol.dispose]()
    this.#pause = undefined
    this.#stream.off('data', this.#onData)
    this.#stream.destroy()
  }

  readonly #onData = (chunk: unknown): void => {
    if (this.#isOver) return
    if (chunk instanceof Uint8Array) this.#read(chunk, 0)
    else this.#fail(new BulkheadError('protocol.violation', 'the stream yields something else than bytes'))
  }

  readonly #onEnd = (): void => {
    this.#hasEnded = true
    // What was read and not yet looked at comes first.
    if (this.#rest !== undefined) return
    const inside = this.#lines.isInsideLine ? ' in the middle of a line' : ''
    this.#fail(new BulkheadError('plugin.crashed', `the plugin closed its output${inside}`))
  }

  readonly #onError = (cause: Error): void => {
    this.#fail(
      new BulkheadError('plugin.crashed', `the plugin's output failed: ${escapeLine(cause.message)}`, { cause }),
    )
  }

  #fail(error: BulkheadError): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#sink.end(error)
  }

  #read(chunk: Uint8Array, from: number): void {
    for (let start = from; start < chunk.length && !this.#isOver; ) {
      const most = this.#isOpen ? this.#bounds.maxLineBytes : this.#bounds.maxHandshakeBytes - this.#handshakeBytes
      const taken = this.#lines.take(chunk, start, Math.min(most, this.#bounds.maxLineBytes))
      if (taken.kind === 'too-long') return this.#fail(this.#tooLong())
      if (taken.kind === 'more') return
      if (!this.#isOpen) this.#handshakeBytes += taken.bytes.length
      start = taken.next
      const waitMs = this.#take(taken.bytes)
      if (waitMs > 0 && !this.#isOver) return this.#pauseFor(waitMs, { chunk, start })
    }
  }

  /** Handles one line and says how long to wait before the next, ms. */
  #take(bytes: Uint8Array): number {
    const startMs = this.#clock.monotonic()
    try {
      if (!this.#sink.receive(readMessage(bytes, this.#bounds))) return 0
    } catch (thrown) {
      if (!(thrown instanceof BulkheadError) || thrown.code !== 'input.not-json') {
        this.#fail(thrown as BulkheadError)
        return 0
      }
      const text = Buffer.from(bytes.subarray(0, 200)).toString('utf8')
      if (++this.#strayLines > this.#bounds.maxStrayLines) {
        this.#fail(
          new BulkheadError('protocol.violation', `a line is not JSON: ${escapeLine(text)}`, {
            hint: 'Only messages of the protocol may go to standard output: let the plugin print to standard error.',
          }),
        )
        return 0
      }
      this.#sink.stray(text)
    }
    this.#messages.spend(1)
    this.#busyMs.spend(this.#clock.monotonic() - startMs)
    return Math.max(this.#messages.waitMs, this.#busyMs.waitMs)
  }

  #pauseFor(waitMs: number, rest: { chunk: Uint8Array; start: number }): void {
    this.#rest = rest
    this.#stream.pause()
    this.#pause = this.#clock.after(waitMs, () => {
      this.#pause = undefined
      this.#rest = undefined
      this.#read(rest.chunk, rest.start)
      if (this.#isOver || this.#pause !== undefined) return
      if (this.#hasEnded) this.#onEnd()
      else this.#stream.resume()
    })
  }

  #tooLong(): BulkheadError {
    return this.#isOpen
      ? new BulkheadError('protocol.violation', `a line is longer than ${this.#bounds.maxLineBytes} bytes`)
      : new BulkheadError(
          'protocol.handshake',
          `the plugin wrote more than ${this.#bounds.maxHandshakeBytes} bytes before its handshake was over`,
        )
  }
}
