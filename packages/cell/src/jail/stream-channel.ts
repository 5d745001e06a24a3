// The host's end of a jail's wire: two streams of bytes. After a message it looks for answers at each turn of the event loop
// for a moment, for a process that sleeps takes long to wake; then it waits without costing anything.

import type { Readable, Writable } from 'node:stream'
import type { Channel } from '../channel.ts'
import type { Message } from '../wire.ts'
import { encodeFrame, signOfLife, Unframer } from './frames.ts'

/** How long it looks for answers after the last message, ms. */
const pollMs = 0.2

/** The streams of one end. */
export interface StreamEnds {
  readonly incoming: Readable
  readonly outgoing: Writable
}

/** See the file's head. */
export class StreamChannel implements Channel {
  readonly #ends: StreamEnds
  readonly #onSignOfLife: () => void
  #isClosed = false
  #isPolling = false
  #pollUntilMs = 0

  /** `onSignOfLife` is called for each that the other end gives. */
  constructor(ends: StreamEnds, onSignOfLife: () => void) {
    this.#ends = ends
    this.#onSignOfLife = onSignOfLife
  }

  send(message: Message): void {
    this.#write(encodeFrame(message))
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
      signOfLife: () => this.#onSignOfLife(),
    })
    this.#ends.incoming.on('data', (chunk: Buffer) => {
      unframer.push(chunk)
      this.#poll()
    })
  }

  close(): void {
    this.#isClosed = true
  }

  #write(frame: Uint8Array): void {
    if (this.#isClosed) return
    this.#ends.outgoing.write(frame)
    this.#poll()
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
