// Memories of instances that are gone, wiped and waiting for new instances of a thread. A new memory costs the system a
// page fault for each page that is used, and its garbage costs the engine a collection every few instances. What a
// guest may do with a memory, and whether it may be taken back at all, is not decided here.

import type { NoteDiscarded } from './garbage-node.ts'
import { clear } from './state-image.ts'
import type { Timers } from './timers.ts'
import { type WasmMemory, webAssembly } from './web-assembly.ts'

/** The longest memory that is kept, bytes: wiping takes time, and what is wiped stays mapped. */
const longestBytes = 4 * 1024 * 1024
/** What all kept memories of a thread may take, bytes. */
const mostBytes = 32 * 1024 * 1024
/** How long one is kept that nobody uses, ms. */
const ttlMs = 10_000
const pageBytes = 65_536

/** Pages of a memory, at first and at most. */
export interface Pages {
  readonly min: number
  readonly max: number
}

interface Kept {
  readonly memory: WasmMemory
  readonly pages: Pages
  readonly sinceMs: number
  isWiped: boolean
}

/** See the file's head. */
export class MemoryStock implements Disposable {
  readonly #parts: { readonly timers: Timers; readonly noteDiscarded: NoteDiscarded }
  /** Those in use. One that is taken back leaves it, so that none can be given out twice. */
  readonly #lent = new WeakMap<WasmMemory, Pages>()
  /** In the order in which they came. */
  #kept: Kept[] = []
  #bytes = 0
  #sweep: Disposable | undefined

  constructor(parts: { readonly timers: Timers; readonly noteDiscarded: NoteDiscarded }) {
    this.#parts = parts
  }

  /** A memory full of zeros whose maximum the engine enforces. */
  make(pages: Pages): WasmMemory {
    const memory = this.#take(pages) ?? new webAssembly.Memory({ initial: pages.min, maximum: pages.max })
    this.#lent.set(memory, pages)
    return memory
  }

  /**
   * Takes a memory from an instance that is dropped, whose other memories {@link canServe} too: a memory that is kept holds
   * on to the instance, and with it to them. `isOver`: nothing will ever read or write there again, for no call
   * of it is under way; only then, and only with its first length, does it serve again.
   */
  drop(memory: WasmMemory, isOver: boolean): void {
    const pages = this.#lent.get(memory)
    const canServe = this.canServe(memory)
    this.#lent.delete(memory)
    const bytes = memory.buffer.byteLength
    if (!isOver || pages === undefined || !canServe) {
      this.#parts.noteDiscarded(bytes)
      return
    }
    this.#kept.push({ memory, pages, sinceMs: performance.now(), isWiped: false })
    this.#bytes += bytes
    while (this.#bytes > mostBytes) this.#discard(0)
    this.#sweep ??= this.#parts.timers.after(ttlMs, () => this.#dropOld())
  }

  /** Whether a memory in use has its first length, and is short enough to be kept. */
  canServe(memory: WasmMemory): boolean {
    const bytes = memory.buffer.byteLength
    return bytes === (this.#lent.get(memory)?.min ?? 0) * pageBytes && bytes <= longestBytes
  }

  /** Wipes one; answers whether there was any to wipe. */
  tidy(): boolean {
    const kept = this.#kept.findLast(({ isWiped }) => !isWiped)
    if (kept === undefined) return false
    wipe(kept)
    return true
  }

  /** Drops all of them. */
  [Symbol.dispose](): void {
    this.#sweep?.[Symbol.dispose]()
    this.#sweep = undefined
    this.#kept = []
    this.#bytes = 0
  }

  #take({ min, max }: Pages): WasmMemory | undefined {
    const fits = ({ pages }: Kept): boolean => pages.min === min && pages.max === max
    let index = this.#kept.findLastIndex((kept) => kept.isWiped && fits(kept))
    if (index < 0) index = this.#kept.findLastIndex(fits)
    const [kept] = index < 0 ? [] : this.#kept.splice(index, 1)
    if (kept === undefined) return undefined
    this.#bytes -= kept.memory.buffer.byteLength
    if (!kept.isWiped) wipe(kept)
    return kept.memory
  }

  #discard(index: number): void {
    const [kept] = this.#kept.splice(index, 1)
    if (kept === undefined) return
    const bytes = kept.memory.buffer.byteLength
    this.#bytes -= bytes
    this.#parts.noteDiscarded(bytes)
  }

  #dropOld(): void {
    this.#sweep = undefined
    const untilMs = performance.now() - ttlMs
    while ((this.#kept[0]?.sinceMs ?? Number.POSITIVE_INFINITY) <= untilMs) this.#discard(0)
    if (this.#kept.length > 0) this.#sweep = this.#parts.timers.after(ttlMs, () => this.#dropOld())
  }
}

const wipe = (kept: Kept): void => {
  const { buffer } = kept.memory
  clear(new Uint8Array(buffer), 0, buffer.byteLength)
  kept.isWiped = true
}
