// Bytes that come in pieces, held once: whoever sends them one by one makes this side hold no more than the bytes. A list of the
// pieces would take a hundred times as much.

/** What is reserved at first, bytes. */
const leastRoom = 16 * 1024

/** See the file's head. It has no bound of its own. */
export class JoinedBytes {
  #room = new Uint8Array(0)
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Copies the piece. */
  append(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (length > this.#room.length) {
      const room = new Uint8Array(Math.max(length, this.#room.length * 2, leastRoom))
      room.set(this.#room.subarray(0, this.#length))
      this.#room = room
    }
    this.#room.set(piece, this.#length)
    this.#length = length
  }

  /** All of them, in memory that nobody else has; they are held here no longer. */
  take(): Uint8Array {
    const bytes = this.#length === this.#room.length ? this.#room : this.#room.slice(0, this.#length)
    this.#room = new Uint8Array(0)
    this.#length = 0
    return bytes
  }
}
