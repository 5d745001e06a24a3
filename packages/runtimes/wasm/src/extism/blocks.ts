// Extism's memory blocks: where guest and host exchange bytes. This file hands out and takes back ranges of one capped
// memory; reads and writes by the guest are accesses that the meter wrote into its code, which the engine checks against
// that memory. An offset is a guest's word and is looked up, never trusted.

import type { BlockRegisters, Engine, WasmMemory } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { textOf } from '../text.ts'
import { BlockTable } from './block-table.ts'

const pageBytes = 65_536
/** Offset 0 means "none" in the ABI, so the first block starts after it. */
const firstOffset = 16
const alignment = 16
/** Most blocks at once: their bookkeeping lives outside the memory limit. */
const mostBlocks = 200_000

/** Longest memory that is wiped: that takes some hundred microseconds, in one piece. */
const mostWipedBytes = 8 * 1024 * 1024

/** What blocks are made with. */
export interface BlocksOptions {
  readonly engine: Engine
  /** Bytes that all blocks may take, less what {@link otherBytes} answers. */
  readonly maxBytes: number
  /** Bytes that count toward the same limit: the guest's own memories. */
  readonly otherBytes: () => number
}

/** The blocks of one instance. */
export class Blocks {
  /** What guest code reads and writes through. */
  readonly registers: BlockRegisters
  readonly #memory: WasmMemory
  readonly #options: BlocksOptions
  /** Length of each live block by its offset. */
  readonly #lengths = new BlockTable()
  /** Offsets of freed ranges by their aligned size. */
  readonly #free = new Map<number, number[]>()
  #top = firstOffset
  #bytes: Uint8Array
  /** What the guest's registers hold, so that they are written when it changes only. */
  #inputOffset = 0
  #inputLength = 0
  #mostBytes = 0
  /** What the guest knows as the end of the memory. */
  #end = pageBytes

  constructor(options: BlocksOptions) {
    this.#options = options
    this.#memory = options.engine.memory(1, Math.max(1, Math.floor(options.maxBytes / pageBytes)))
    this.#bytes = new Uint8Array(this.#memory.buffer)
    this.registers = {
      memory: this.#memory,
      inputOffset: options.engine.global64(0n),
      inputLength: options.engine.global64(0n),
      end: options.engine.global64(BigInt(pageBytes)),
    }
  }

  /** Where the blocks lie. */
  get memory(): WasmMemory {
    return this.#memory
  }

  /** Bytes taken from the engine. */
  get memoryBytes(): number {
    return this.#memory.buffer.byteLength
  }

  /** Makes a block. An empty one has offset 0. @throws BulkheadError `limit.memory` */
  alloc(length: number): number {
    if (length === 0) return 0
    const size = Math.ceil(length / alignment) * alignment
    const freed = this.#free.get(size)?.pop()
    if (freed !== undefined) {
      this.#lengths.add(freed, length)
      return freed
    }
    const offset = this.#top
    const { maxBytes, otherBytes } = this.#options
    if (!(length > 0) || offset + size + otherBytes() > maxBytes || this.#lengths.size >= mostBlocks) {
      throw new BulkheadError(
        'limit.memory',
        `the plugin asked for a memory block of ${length} bytes, which exceeds its limit of ${maxBytes} bytes`,
      )
    }
    const missing = offset + size - this.#view.length
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes))
    this.#top = offset + size
    if (this.#top > this.#end) this.#setEnd(Math.ceil(this.#top / pageBytes) * pageBytes)
    this.#lengths.add(offset, length)
    return offset
  }

  // A memory that grew has a new buffer; the view of the one before is empty.
  get #view(): Uint8Array {
    if (this.#bytes.length === 0) this.#bytes = new Uint8Array(this.#memory.buffer)
    return this.#bytes
  }

  /** Takes a block back. Offsets that are no block are ignored: PDKs free twice. */
  free(offset: number): void {
    const length = this.#lengths.get(offset)
    if (length === undefined) return
    this.#lengths.delete(offset)
    const size = Math.ceil(length / alignment) * alignment
    const list = this.#free.get(size)
    if (list === undefined) this.#free.set(size, [offset])
    else list.push(offset)
  }

  /** Length of the block at an offset; 0 when there is none. */
  length(offset: number): number {
    return this.#lengths.get(offset) ?? 0
  }

  /** A copy of a block's bytes; undefined when there is no block at the offset. */
  read(offset: number): Uint8Array | undefined {
    const length = this.#lengths.get(offset)
    return length === undefined ? undefined : this.copy(offset, length)
  }

  /** A copy of the first bytes of a block: for text that is cut anyway. */
  readStart(offset: number, mostBytes: number): Uint8Array | undefined {
    const length = this.#lengths.get(offset)
    return length === undefined ? undefined : this.copy(offset, Math.min(length, mostBytes))
  }

  /**
   * The text of a block; undefined when there is none. Text lies on the cell's own heap, whose
   * exhaustion ends the whole process. @throws BulkheadError `input.too-large`
   */
  readText(offset: number, what: string, mostBytes: number): string | undefined {
    const length = this.length(offset)
    if (length > mostBytes) {
      throw new BulkheadError('input.too-large', `${what} is ${length} bytes long; at most ${mostBytes} are taken`)
    }
    const bytes = this.#lengths.get(offset) === undefined ? undefined : this.look(offset, length)
    return bytes === undefined ? undefined : textOf(bytes)
  }

  /** A copy of a range; undefined when it leaves the blocks' memory, as far as the guest may know it. */
  copy(offset: number, length: number): Uint8Array | undefined {
    return this.#has(offset, length) ? this.#view.slice(offset, offset + length) : undefined
  }

  /** A range as it lies there, for whoever reads it at once; undefined when it leaves the blocks' memory. */
  look(offset: number, length: number): Uint8Array | undefined {
    return this.#has(offset, length) ? this.#view.subarray(offset, offset + length) : undefined
  }

  #has(offset: number, length: number): boolean {
    return offset >= 0 && length >= 0 && offset + length <= this.#end
  }

  /** Stores bytes in a new block. @throws BulkheadError `limit.memory` */
  store(bytes: Uint8Array): number {
    const offset = this.alloc(bytes.length)
    if (bytes.length > 0) this.#view.set(bytes, offset)
    return offset
  }

  /** Says which range is the input. */
  setInput(offset: number, length: number): void {
    if (offset !== this.#inputOffset) this.registers.inputOffset.value = BigInt(offset)
    if (length !== this.#inputLength) this.registers.inputLength.value = BigInt(length)
    this.#inputOffset = offset
    this.#inputLength = length
  }

  /** A memory that served before may be longer than the blocks: as long as it would be otherwise is what guests find. */
  #setEnd(end: number): void {
    this.#end = end
    this.registers.end.value = BigInt(end)
  }

  /**
   * Forgets every block, and leaves it to the caller to say what the next input is. What the blocks held stays in the
   * memory, for the same security context to find.
   */
  reset(): void {
    this.#lengths.clear()
    if (this.#free.size > 0) this.#free.clear()
    this.#top = firstOffset
  }

  /**
   * Forgets every block and wipes the whole memory: a guest's stores are not bound to its blocks. Answers the most bytes
   * that were ever written; undefined where wiping would take too long, now and after every later call.
   */
  wipe(): number | undefined {
    if (this.memoryBytes > mostWipedBytes) return undefined
    this.reset()
    this.setInput(0, 0)
    if (this.#end > pageBytes) this.#setEnd(pageBytes)
    this.#mostBytes = Math.max(this.#mostBytes, this.#options.engine.wipe(this.#memory))
    return this.#mostBytes
  }
}
