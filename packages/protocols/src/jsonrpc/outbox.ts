// What goes to the peer. Node's streams take whatever is written to them; here a peer that does not read is not
// written to without end.

import type { Writable } from 'node:stream'

/** See the file's head. */
export class Outbox {
  readonly #stream: Writable
  readonly #maxWaitingBytes: number

  constructor(stream: Writable, maxWaitingBytes: number) {
    this.#stream = stream
    this.#maxWaitingBytes = maxWaitingBytes
  }

  /** Bytes that were written here and not yet taken by the peer's pipe. */
  get waitingBytes(): number {
    return this.#stream.writableLength
  }

  /** Writes a line, unless too much waits already; tells whether it did. */
  offer(line: Uint8Array): boolean {
    const waiting = this.#stream.writableLength
    if (waiting > 0 && waiting + line.length > this.#maxWaitingBytes) return false
    if (this.#stream.writable) this.#stream.write(line)
    return true
  }

  /** Lets what waits go out, then ends the stream. */
  end(): void {
    if (this.#stream.writable) this.#stream.end()
  }

  /** Drops what waits. */
  destroy(): void {
    this.#stream.destroy()
  }
}
