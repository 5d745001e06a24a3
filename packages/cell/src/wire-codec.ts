// Messages of the wire as bytes, for a ring in shared memory or a stream. What is decoded here is still untrusted: wire.ts parses it.
//
// A frame: type (u8), id or stream (f64), then by type: head (text, JSON) and content; error; bytes; count; level and text.
// Text and bytes have a length (u32) before them. Numbers are little-endian.

import type { JsonObject } from '@bulkhead/kernel/wire'
import { type Message, mostBlobs, mostHeadLength, mostLogTextBytes, type Part, type WireContent } from './wire.ts'

const types = ['call', 'reply', 'error', 'cancel', 'chunk', 'end', 'credit', 'log'] as const
const tags = { text: 0, bytes: 1, stream: 2 } as const
/** Bytes of a frame beside its texts and byte strings, at most, with a part; each further part takes as much again. */
const partCost = 32

const partBound = (part: Part): number =>
  partCost + (typeof part === 'string' ? part.length * 3 : part instanceof Uint8Array ? part.length : 0)

const contentBound = (content: WireContent): number =>
  content.kind === 'raw'
    ? partBound(content.bytes)
    : content.blobs.reduce((sum, blob) => sum + partBound(blob), partBound(content.json))

/** Node's own text methods of buffers, which the types leave out: a call of `write` or `toString` costs twice as much. */
interface TextBuffer extends Buffer {
  utf8Write(text: string, at: number): number
  utf8Slice(from: number, to: number): string
}

const nowhere = Buffer.alloc(0) as TextBuffer

/** Encodes into buffers that the caller owns. */
export class FrameWriter {
  #into = nowhere
  #at = 0
  #head = ''

  /** Upper bound of the bytes that a message takes. Keeps the text of its head for {@link write}. */
  bound(message: Message): number {
    switch (message.type) {
      case 'call':
      case 'reply':
        this.#head = JSON.stringify(message.head)
        return partCost + this.#head.length * 3 + contentBound(message.content)
      case 'error':
        this.#head = JSON.stringify([message.error, message.head ?? {}])
        return partCost + this.#head.length * 3
      case 'chunk':
        return partCost + message.bytes.length
      case 'log':
        return partCost + message.message.length * 3 + partCost
      default:
        return partCost
    }
  }

  /** Writes the message whose bound was just asked into a buffer, at an offset; answers where it ends. */
  write(message: Message, into: Buffer, at: number): number {
    this.#into = into as TextBuffer
    this.#at = at
    this.#byte(types.indexOf(message.type))
    this.#number('stream' in message ? message.stream : message.id)
    switch (message.type) {
      case 'call':
      case 'reply':
        this.#text(this.#head)
        this.#content(message.content)
        break
      case 'error':
        this.#text(this.#head)
        break
      case 'chunk':
        this.#bytes(message.bytes)
        break
      case 'credit':
        this.#number(message.bytes)
        break
      case 'log':
        this.#text(message.level)
        this.#text(message.message)
        break
      default:
    }
    return this.#at
  }

  #content(content: WireContent): void {
    if (content.kind === 'raw') {
      this.#byte(0)
      this.#part(content.bytes)
      return
    }
    this.#byte(1)
    this.#number(content.blobs.length)
    this.#part(content.json)
    for (const blob of content.blobs) this.#part(blob)
  }

  #part(part: Part): void {
    if (typeof part === 'string') {
      this.#byte(tags.text)
      this.#text(part)
    } else if (part instanceof Uint8Array) {
      this.#byte(tags.bytes)
      this.#bytes(part)
    } else {
      this.#byte(tags.stream)
      this.#number(part.stream)
      this.#number(part.length)
      this.#byte(part.text ? 1 : 0)
    }
  }

  #byte(value: number): void {
    this.#into[this.#at++] = value
  }

  #number(value: number): void {
    this.#at = this.#into.writeDoubleLE(value, this.#at)
  }

  #text(text: string): void {
    const length = this.#into.utf8Write(text, this.#at + 4)
    this.#into.writeUInt32LE(length, this.#at)
    this.#at += 4 + length
  }

  #bytes(bytes: Uint8Array): void {
    this.#into.writeUInt32LE(bytes.length, this.#at)
    this.#into.set(bytes, this.#at + 4)
    this.#at += 4 + bytes.length
  }
}

/**
 * Decodes a frame; everything is copied out. What is no frame gives something that is no message, or throws. What a frame becomes
 * in memory is bounded by little more than its length: parts and the members of a head cost far more than the bytes that name them.
 */
export class FrameReader {
  readonly #from: TextBuffer
  #at = 0
  #end = 0

  constructor(from: Buffer) {
    this.#from = from as TextBuffer
  }

  /** Reads the frame between two offsets. */
  read(at: number, end: number): unknown {
    this.#at = at
    this.#end = end
    const type = types[this.#byte()]
    const id = this.#number()
    switch (type) {
      case 'call':
      case 'reply':
        return { type, id, head: this.#json(), content: this.#content() }
      case 'error': {
        const [error, head] = this.#json() as [unknown, JsonObject]
        return { type, id, error, head }
      }
      case 'chunk':
        return { type, stream: id, bytes: this.#bytes() }
      case 'end':
        return { type, stream: id }
      case 'credit':
        return { type, stream: id, bytes: this.#number() }
      case 'log':
        return { type, id, level: this.#text(), message: this.#text(mostLogTextBytes) }
      case 'cancel':
        return { type, id }
      default:
        return undefined
    }
  }

  #content(): unknown {
    if (this.#byte() === 0) return { kind: 'raw', bytes: this.#part() }
    const count = this.#number()
    if (count > mostBlobs) throw new RangeError('a content has too many byte strings')
    const json = this.#part()
    const blobs: unknown[] = []
    for (let index = 0; index < count && this.#at < this.#end; index++) blobs.push(this.#part())
    return { kind: 'value', json, blobs }
  }

  #part(): unknown {
    const tag = this.#byte()
    if (tag === tags.text) return this.#text()
    if (tag === tags.bytes) return this.#bytes()
    return { stream: this.#number(), length: this.#number(), text: this.#byte() === 1 }
  }

  #json(): unknown {
    return JSON.parse(this.#text(mostHeadLength))
  }

  #byte(): number {
    return this.#from[this.#at++] ?? 0
  }

  #number(): number {
    const value = this.#from.readDoubleLE(this.#at)
    this.#at += 8
    return value
  }

  #length(): number {
    const length = this.#from.readUInt32LE(this.#at)
    this.#at += 4
    return Math.min(length, this.#end - this.#at)
  }

  #text(mostBytes = Number.POSITIVE_INFINITY): string {
    const length = this.#length()
    if (length > mostBytes) throw new RangeError('a text is too long')
    this.#at += length
    return this.#from.utf8Slice(this.#at - length, this.#at)
  }

  #bytes(): Uint8Array {
    const length = this.#length()
    const bytes = new Uint8Array(length)
    bytes.set(this.#from.subarray(this.#at, this.#at + length))
    this.#at += length
    return bytes
  }
}
