// Extism's memory blocks: where guest and host exchange bytes. This file hands out and takes back ranges of one capped
// memory; reads and writes by the guest go through blocks.wat. An offset is a guest's word and is looked up, never trusted.

import type { CompiledModule, Engine, WasmGlobal, WasmInstance, WasmMemory } from '@bulkhead/cell'
import { BulkheadError } from '@bulkhead/kernel/wire'

const pageBytes = 65_536
/** Offset 0 means "none" in the ABI, so the first block starts after it. */
const firstOffset = 16
const alignment = 16
/** Most blocks at once: their bookkeeping lives outside the memory limit. */
const mostBlocks = 200_000

/** What blocks are made with. */
export interface BlocksOptions {
  readonly engine: Engine
  readonly module: CompiledModule
  /** Bytes that all blocks may take, less what {@link otherBytes} answers. */
  readonly maxBytes: number
  /** Bytes that count toward the same limit: the guest's own memories. */
  readonly otherBytes: () => number
}

/** The blocks of one instance. */
export class Blocks {
  readonly instance: WasmInstance
  readonly #memory: WasmMemory
  readonly #options: BlocksOptions
  readonly #inputOffset: WasmGlobal
  readonly #inputLength: WasmGlobal
  /** Length of each live block by its offset. */
  readonly #lengths = new Map<number, number>()
  /** Offsets of freed ranges by their aligned size. */
  readonly #free = new Map<number, number[]>()
  #top = firstOffset

  constructor(options: BlocksOptions) {
    this.#options = options
    this.#memory = options.engine.memory(1, Math.max(1, Math.floor(options.maxBytes / pageBytes)))
    this.instance = options.engine.instantiate(options.module, { bulkhead: { memory: this.#memory } })
    this.#inputOffset = this.instance.exports.input_offset as WasmGlobal
    this.#inputLength = this.instance.exports.input_length as WasmGlobal
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
      this.#lengths.set(freed, length)
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
    const missing = offset + size - this.#memory.buffer.byteLength
    if (missing > 0) this.#memory.grow(Math.ceil(missing / pageBytes))
    this.#top = offset + size
    this.#lengths.set(offset, length)
    return offset
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
   * A copy of a block that is read as text; undefined when there is none. Text lies on the cell's own heap, whose
   * exhaustion ends the whole process. @throws BulkheadError `input.too-large`
   */
  readText(offset: number, what: string, mostBytes: number): string | undefined {
    const length = this.length(offset)
    if (length > mostBytes) {
      throw new BulkheadError('input.too-large', `${what} is ${length} bytes long; at most ${mostBytes} are taken`)
    }
    const bytes = this.read(offset)
    return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
  }

  /** A copy of a range; undefined when it leaves the blocks' memory. */
  copy(offset: number, length: number): Uint8Array | undefined {
    if (!(offset >= 0 && length >= 0 && offset + length <= this.#memory.buffer.byteLength)) return undefined
    return new Uint8Array(this.#memory.buffer, offset, length).slice()
  }

  /** Stores bytes in a new block. @throws BulkheadError `limit.memory` */
  store(bytes: Uint8Array): number {
    const offset = this.alloc(bytes.length)
    if (bytes.length > 0) new Uint8Array(this.#memory.buffer).set(bytes, offset)
    return offset
  }

  /** Says which range is the input. */
  setInput(offset: number, length: number): void {
    this.#inputOffset.value = BigInt(offset)
    this.#inputLength.value = BigInt(length)
  }

  /** Forgets every block and wipes what they held. */
  reset(): void {
    new Uint8Array(this.#memory.buffer, 0, this.#top).fill(0)
    this.#lengths.clear()
    this.#free.clear()
    this.#top = firstOffset
    this.setInput(0, 0)
  }
}
