// Bytes that arrive in pieces of any size, kept as one array: pieces of one byte would each take hundreds on our heap.

/** Shared: making an array costs more than a small call can spare. It has no bytes that anybody could change. */
export const nothing: Uint8Array<ArrayBuffer> = new Uint8Array()

/** See the file's head. */
export class CapturedBytes {
  #buffer = nothing
  #length = 0

  get length(): number {
    return this.#length
  }

  /** Everything so far. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length)
  }

  /** Begins anew; what was taken by {@link bytes} stays as it is. */
  clear(): void {
    this.#buffer = nothing
    this.#length = 0
  }

  /** Appends a copy. */
  append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length
    if (needed > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(needed, this.#buffer.length * 2, 4096))
      larger.set(this.bytes)
      this.#buffer = larger
    }
    this.#buffer.set(bytes, this.#length)
    this.#length = needed
  }
}
