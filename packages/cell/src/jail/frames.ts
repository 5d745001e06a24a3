// Messages on a stream of bytes: each frame has its length (u32, little-endian) before it. A frame of length 0 asks for one
// back, and tells whoever waits for a sign of life that the other end still turns.

import type { Message } from '../wire.ts'
import { FrameReader, FrameWriter } from '../wire-codec.ts'

/** Longest frame that is taken; what one end sends at once is far below, since long parts go in chunks. */
export const mostFrameBytes = 64 * 1024 * 1024
const lengthBytes = 4

/** The frame that says no more than that its sender turns. */
export const signOfLife: Uint8Array = new Uint8Array(lengthBytes)

const writer = new FrameWriter()

/** The message as a frame, in bytes of its own. */
export const encodeFrame = (message: Message): Uint8Array => {
  const into = Buffer.allocUnsafe(lengthBytes + writer.bound(message))
  const end = writer.write(message, into, lengthBytes)
  into.writeUInt32LE(end - lengthBytes, 0)
  return into.subarray(0, end)
}

/** What an {@link Unframer} hands on. */
export interface FrameSink {
  /** What a frame held, untrusted still; undefined where none is, and nothing after it can be read then. */
  message(message: unknown): void
  signOfLife(): void
}

const nothing = Buffer.alloc(0)

/** Cuts a stream of bytes into frames. It holds on to one frame at most, and to little more of it than arrived. */
export class Unframer {
  readonly #sink: FrameSink
  /** The beginning of a frame that is not whole yet, with room behind it. */
  #held = nothing
  #length = 0
  #isBroken = false

  constructor(sink: FrameSink) {
    this.#sink = sink
  }

  /** Takes what arrived next; the bytes may change hands after that. */
  push(chunk: Buffer): void {
    if (this.#isBroken) return
    if (this.#length === 0) {
      this.#hold(chunk.subarray(this.#readAll(chunk)))
      return
    }
    this.#hold(chunk)
    const held = this.#held.subarray(0, this.#length)
    const length = lengthAt(held, 0)
    if (length !== undefined && length <= mostFrameBytes && held.length < lengthBytes + length) return
    this.#held = nothing
    this.#length = 0
    this.#hold(held.subarray(this.#readAll(held)))
  }

  /** Hands on every whole frame; answers where the first one begins that is not. */
  #readAll(bytes: Buffer): number {
    const reader = new FrameReader(bytes)
    let at = 0
    for (;;) {
      const length = lengthAt(bytes, at)
      if (length === undefined) return at
      if (length > mostFrameBytes) {
        this.#isBroken = true
        this.#sink.message(undefined)
        return bytes.length
      }
      const from = at + lengthBytes
      if (bytes.length - from < length) return at
      at = from + length
      if (length === 0) this.#sink.signOfLife()
      else this.#sink.message(decode(reader, from, at))
    }
  }

  #hold(bytes: Buffer): void {
    if (bytes.length === 0) return
    const length = this.#length + bytes.length
    if (length > this.#held.length) {
      const roomier = Buffer.allocUnsafe(2 * length)
      this.#held.copy(roomier, 0, 0, this.#length)
      this.#held = roomier
    }
    bytes.copy(this.#held, this.#length)
    this.#length = length
  }
}

const lengthAt = (bytes: Buffer, at: number): number | undefined =>
  bytes.length - at < lengthBytes ? undefined : bytes.readUInt32LE(at)

const decode = (reader: FrameReader, from: number, to: number): unknown => {
  try {
    return reader.read(from, to)
  } catch {
    // No frame at all: it is for the parser of messages to refuse.
    return undefined
  }
}
