// The linear memory of one interpreter as bytes. What lies there is the guest's: addresses and lengths may be anything, and
// nothing outside of the memory is ever read or written for them.

import type { WasmMemory } from '@bulkhead/cell'

/** See the file's head. */
export class GuestMemory {
  readonly memory: WasmMemory
  #bytes: Buffer

  constructor(memory: WasmMemory) {
    this.memory = memory
    this.#bytes = Buffer.from(memory.buffer)
  }

  get byteLength(): number {
    return this.#all.length
  }

  /** The bytes at an address, in place; fewer where the memory ends. Valid until the guest runs. */
  view(at: number, length: number): Buffer {
    const from = at >>> 0
    return this.#all.subarray(from, from + (length >>> 0))
  }

  /** UTF-8 text, cut after so many bytes. */
  text(at: number, length: number, most: number): string {
    return this.view(at, Math.min(length >>> 0, most)).toString()
  }

  /** False: it does not fit there. */
  write(bytes: Uint8Array, at: number): boolean {
    const from = at >>> 0
    if (from + bytes.length > this.#all.length) return false
    this.#all.set(bytes, from)
    return true
  }

  // A memory that grew has a new buffer; views of the one before are empty.
  get #all(): Buffer {
    if (this.#bytes.length === 0) this.#bytes = Buffer.from(this.memory.buffer)
    return this.#bytes
  }
}
