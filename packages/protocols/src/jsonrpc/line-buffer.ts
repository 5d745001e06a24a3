// Cuts a stream of bytes into lines. A line that is too long is refused when its bytes come, newline or not, so no
// more than one line is ever held, and it is held once: a peer that writes byte by byte costs no more than its bytes.

/** Beyond this, the room that a long line took is given back when the line is over, bytes. */
const keptBytes = 64 * 1024

/** See the file's head. */
export class LineBuffer {
  #held = new Uint8Array(0)
  #length = 0

  /** Room that is taken, bytes: at most the longest line that was allowed so far. */
  get heldBytes(): number {
    return this.#held.length
  }

  /**
   * Takes the bytes of `chunk` from `start` up to a newline. The line is a view that is good until the next call.
   * `too-long`: the line exceeds `maxBytes`; nothing of it was kept.
   */
  take(chunk: Uint8Array, start: number, maxBytes: number): TakenLine {
    const newline = chunk.indexOf(0x0a, start)
    const end = newline < 0 ? chunk.length : newline
    if (this.#length + end - start > maxBytes) {
      this.clear()
      return { kind: 'too-long' }
    }
    if (newline < 0) {
      this.#append(chunk, start, end, maxBytes)
      return { kind: 'more' }
    }
    const next = newline + 1
    if (this.#length === 0) return { kind: 'line', bytes: chunk.subarray(start, end), next }
    this.#append(chunk, start, end, maxBytes)
    const bytes = this.#held.subarray(0, this.#length)
    this.#length = 0
    if (this.#held.length > keptBytes) this.#held = new Uint8Array(0)
    return { kind: 'line', bytes, next }
  }

  /** Whether a line has begun that has no end yet. */
  get isInsideLine(): boolean {
    return this.#length > 0
  }

  /** Gives everything back. */
  clear(): void {
    this.#held = new Uint8Array(0)
    this.#length = 0
  }

  #append(chunk: Uint8Array, start: number, end: number, maxBytes: number): void {
    const wanted = this.#length + end - start
    if (wanted > this.#held.length) {
      const room = new Uint8Array(Math.min(Math.max(wanted, this.#held.length * 2, 1024), Math.max(maxBytes, wanted)))
      room.set(this.#held.subarray(0, this.#length))
      this.#held = room
    }
    this.#held.set(chunk.subarray(start, end), this.#length)
    this.#length = wanted
  }
}

/** What {@link LineBuffer.take} found. `next` is where the rest of the chunk starts. */
export type TakenLine =
  | { readonly kind: 'line'; readonly bytes: Uint8Array; readonly next: number }
  | { readonly kind: 'more' }
  | { readonly kind: 'too-long' }
