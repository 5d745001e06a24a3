// The linear memory of one interpreter, read and written without running any of it: values, texts, byte strings. What lies
// there is the guest's: an address may be anything, and nothing read here is more than bytes out of that memory.

import type { WasmMemory } from '@bulkhead/cell'
import { kinds, offsets } from './interpreter-build.ts'

const pageBytes = 65_536
/** What the build can address. */
const mostPages = 32_768
/** Growth beyond what was asked, as a share of what there is, and at most. */
const growthShare = 4
const mostSparePages = 256

/** Node's own text methods of buffers, which the types leave out: a call of `write` or `toString` costs twice as much. */
interface TextBuffer extends Buffer {
  utf8Write(text: string, at: number): number
  utf8Slice(from: number, to: number): string
  latin1Slice(from: number, to: number): string
  ucs2Slice(from: number, to: number): string
}

/** See the file's head. */
export class GuestMemory {
  readonly memory: WasmMemory
  #bytes!: TextBuffer
  #words!: Int32Array
  /** Whether it was ever asked to grow beyond its maximum. */
  isExhausted = false

  constructor(memory: WasmMemory) {
    this.memory = memory
    this.#look()
  }

  get byteLength(): number {
    return this.#all.length
  }

  /** Makes it so many bytes long, or somewhat longer. False: it may not be. */
  growTo(bytes: number): boolean {
    const pages = this.byteLength / pageBytes
    const missing = Math.ceil(bytes / pageBytes) - pages
    if (missing <= 0) return true
    const spare = Math.min(Math.floor(pages / growthShare), mostSparePages, mostPages - pages - missing)
    return this.#grow(Math.max(missing, spare)) || this.#grow(missing) || !(this.isExhausted = true)
  }

  word(at: number): number {
    return this.#view[at >>> 2] ?? 0
  }

  setWord(at: number, value: number): void {
    this.#view[at >>> 2] = value
  }

  /** Upper half of the value at an address; see {@link kinds}. */
  kind(at: number): number {
    return this.word(at + 4)
  }

  isException(at: number): boolean {
    return this.kind(at) === kinds.exception
  }

  /** 0 for what is not a whole number of 32 bits. */
  integer(at: number): number {
    return this.kind(at) === kinds.integer ? this.word(at) : 0
  }

  isTrue(at: number): boolean {
    return this.kind(at) === kinds.boolean && this.word(at) !== 0
  }

  /** UTF-16 code units of a text; infinite for what is none. */
  textLength(at: number): number {
    const kind = this.kind(at)
    if (kind === kinds.string) return this.word(this.word(at) + offsets.stringLength) & 0x7fff_ffff
    return kind === kinds.rope ? this.word(this.word(at) + offsets.stringLength) >>> 0 : Number.POSITIVE_INFINITY
  }

  /** A text that lies in one piece; empty for what is none. */
  text(at: number): string {
    if (this.kind(at) !== kinds.string) return ''
    const string = this.word(at)
    const length = this.word(string + offsets.stringLength)
    const from = string + offsets.stringText
    const bytes = this.#all
    return length < 0
      ? bytes.ucs2Slice(from, Math.min(from + 2 * (length & 0x7fff_ffff), bytes.length))
      : bytes.latin1Slice(from, Math.min(from + length, bytes.length))
  }

  /** UTF-8 text up to a NUL. */
  cText(at: number): string {
    const bytes = this.#all
    const end = bytes.indexOf(0, at)
    return bytes.utf8Slice(at, end < 0 ? bytes.length : end)
  }

  /** Bytes of an ArrayBuffer; infinite for what is none. Its own properties may lie, this does not ask them. */
  bufferLength(at: number, bufferClass: number): number {
    const buffer = this.#bufferOf(at, bufferClass)
    return buffer === 0 ? Number.POSITIVE_INFINITY : this.word(buffer + offsets.bufferLength) >>> 0
  }

  /** A copy of an ArrayBuffer's bytes; empty for what is none. */
  buffer(at: number, bufferClass: number): Uint8Array {
    const buffer = this.#bufferOf(at, bufferClass)
    if (buffer === 0) return new Uint8Array()
    const data = this.word(buffer + offsets.bufferData)
    const length = this.word(buffer + offsets.bufferLength) >>> 0
    const end = Math.min(data + length, this.byteLength)
    return data < end ? new Uint8Array(this.memory.buffer, data, end - data).slice() : new Uint8Array()
  }

  /** The class of the object at an address, as a number; -1 for what is no object. */
  objectClass(at: number): number {
    return this.kind(at) === kinds.object ? this.word(this.word(at) + offsets.objectClass - 2) >>> 16 : -1
  }

  /** Fills with zeros, up to an address. */
  clear(from: number, to: number): void {
    this.#all.fill(0, from, to)
  }

  write(bytes: Uint8Array, at: number): void {
    this.#all.set(bytes, at)
  }

  /** Writes UTF-8 with a NUL after it. */
  writeText(text: string, at: number): void {
    const bytes = this.#all
    bytes[at + bytes.utf8Write(text, at)] = 0
  }

  #bufferOf(at: number, bufferClass: number): number {
    return this.objectClass(at) === bufferClass ? this.word(this.word(at) + offsets.objectBuffer) : 0
  }

  #grow(pages: number): boolean {
    try {
      this.memory.grow(pages)
      return true
    } catch {
      return false
    }
  }

  // A memory that grew has a new buffer; views of the one before are empty.
  get #all(): TextBuffer {
    if (this.#bytes.length === 0) this.#look()
    return this.#bytes
  }

  get #view(): Int32Array {
    if (this.#words.length === 0) this.#look()
    return this.#words
  }

  #look(): void {
    const { buffer } = this.memory
    this.#bytes = Buffer.from(buffer) as TextBuffer
    this.#words = new Int32Array(buffer)
  }
}
