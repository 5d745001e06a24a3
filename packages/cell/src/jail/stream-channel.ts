// The host's end of a jail's wire: two streams of bytes. After a message it looks for answers at each turn of the event loop
// for a moment, for a process that sleeps takes long to wake; then it waits without costing anything.

import type { Readable, Writable } from 'node:stream'
import type { Channel } from '../channel.ts'
import type { Message } from '../wire.ts'
import { encodeFrame, signOfLife, Unframer } from './frames.ts'

/** How long it looks for answers after the last message, ms. */
const pollMs = 0.2

/** What the far end made this one say and does not take, bytes; a message counts as so many at most, and what it costs besides. */
const mostUntakenBytes = 64 * 1024 * 1024
const longestCounted = 8 * 1024
const messageCost = 256

/** The streams of one end. */
export interface StreamEnds {
  readonly incoming: Readable
  readonly outgoing: Writable
}

/** Told of what is no message. */
export interface StreamEvents {
  /** The other end turns. */
  signOfLife(): void
  /** It asks for more and more, and takes nothing of it. Called once. */
  overfull(): void
}

/** See the file's head. */
export class StreamChannel implements Channel {
  readonly #ends: StreamEnds
  readonly #events: StreamEvents
  #untakenBytes = 0
  #isClosed = false
  #isPolling = false
  #pollUntilMs = 0

  constructor(ends: StreamEnds, events: StreamEvents) {
    this.#ends = ends
    this.#events = events
  }

  send(message: Message): void {
    if (this.#isClosed) return
    const frame = encodeFrame(message)
    if (message.type === 'call' || message.type === 'chunk') this.#write(frame)
    else this.#writeCounted(frame)
  }

  /** Asks the other end for a sign of life. */
  askForSignOfLife(): void {
    this.#write(signOfLife)
  }

  onMessage(receive: (message: unknown) => void): void {
    const unframer = new Unframer({
      message: (message) => {
        // A message may have been the end of it.
        if (!this.#isClosed) receive(message)
      },
      signOfLife: () => this.#events.signOfLife(),
    })
    this.#ends.incoming.on('data', (chunk: Buffer) => {
      unframer.push(chunk)
      this.#poll()
    })
  }

  close(): void {
    this.#isClosed = true
  }

  #write(frame: Uint8Array, taken?: () => void): void {
    if (this.#isClosed) return
    this.#ends.outgoing.write(frame, taken)
    this.#poll()
  }

  /** What answers the other end: calls are this end's own doing, and long streams wait for credit. */
  #writeCounted(frame: Uint8Array): void {
    const bytes = Math.min(frame.length, longestCounted) + messageCost
    this.#untakenBytes += bytes
    this.#write(frame, () => {
      this.#untakenBytes -= bytes
    })
    if (this.#untakenBytes <= mostUntakenBytes) return
    this.#isClosed = true
    this.#events.overfull()
  }

  #poll(): void {
    this.#pollUntilMs = performance.now() + pollMs
    if (this.#isPolling) return
    this.#isPolling = true
    setImmediate(this.#look)
  }

  readonly #look = (): void => {
    if (!this.#isClosed && performance.now() < this.#pollUntilMs) setImmediate(this.#look)
    else this.#isPolling = false
  }
}
