// A ring of frames in shared memory: one end writes, the other reads, and neither takes a lock. What is too long for the
// ring goes through a message port, with a frame in its place that keeps the order.

import { type MessagePort, receiveMessageOnPort } from 'node:worker_threads'
import type { Message } from './wire.ts'
import { FrameReader, FrameWriter } from './wire-codec.ts'

/** Bytes of a ring. A power of two. */
const ringBytes = 256 * 1024
/** Longest frame in the ring; longer messages take the port. */
const mostFrameBytes = 32 * 1024
/** Byte strings shorter than this are copied where the message is. */
const mostCopiedBytes = 4096
/** Looks for mail between two looks at the clock, which cost more. */
const looksBetweenTimes = 100
/** Words of the header: each in lines of memory of its own, for cores hand each other whole lines. */
const words = {
  /** Bytes written so far, modulo 2^32. */
  written: 0,
  /** Bytes read so far, modulo 2^32. */
  read: 32,
  /** 1 while the reader sleeps on `written`. */
  asleep: 64,
  /** How often the writer looked whether there is room; each turn of a thread begins with that. */
  turns: 96,
} as const
const headerBytes = 512
/** Lengths that are none. */
const marks = { wrap: 0xffffffff, port: 0xfffffffe } as const

/** One direction: the shared memory, and the port for what is long. */
export interface RingPath {
  readonly memory: SharedArrayBuffer
  readonly port: MessagePort
}

/** Makes the memory of one direction. */
export const makeRingMemory = (): SharedArrayBuffer => new SharedArrayBuffer(headerBytes + ringBytes)

/** The message with its long byte strings in buffers of their own, which change hands without another copy. */
const handOver = (message: Message): { message: Message; buffers: ArrayBuffer[] } => {
  const buffers: ArrayBuffer[] = []
  const give = <T>(part: T): T | Uint8Array => {
    if (!(part instanceof Uint8Array) || part.length < mostCopiedBytes) return part
    const isAlone = part.byteLength === part.buffer.byteLength && part.buffer instanceof ArrayBuffer
    // Not by its own slice: that of a Buffer copies nothing, and somebody else's bytes would change hands.
    const own = isAlone && 'owned' in message && message.owned ? part : new Uint8Array(part)
    buffers.push(own.buffer as ArrayBuffer)
    return own
  }
  if (message.type === 'chunk') return { message: { ...message, bytes: give(message.bytes) }, buffers }
  if (message.type !== 'call' && message.type !== 'reply') return { message, buffers }
  const { owned: _owned, ...rest } = message
  const { content } = rest
  if (content.kind === 'raw') {
    return { message: { ...rest, content: { kind: 'raw', bytes: give(content.bytes) } }, buffers }
  }
  return { message: { ...rest, content: { ...content, blobs: content.blobs.map(give) } }, buffers }
}

/** The writing end. */
export class RingWriter {
  readonly #path: RingPath
  readonly #header: Int32Array
  readonly #data: Buffer
  readonly #frames = new FrameWriter()
  #written = 0
  /** What the reader had read when this was last looked up. */
  #read = 0
  #turns = 0
  /** Messages for which there was no room. */
  readonly #waiting: Message[] = []

  constructor(path: RingPath) {
    this.#path = path
    this.#header = new Int32Array(path.memory, 0, headerBytes / 4)
    this.#data = Buffer.from(path.memory, headerBytes, ringBytes)
  }

  /** Whether messages wait for room. */
  get isFull(): boolean {
    return this.#waiting.length > 0
  }

  /** Sends, or keeps the message until there is room; see {@link flush}. */
  send(message: Message): void {
    if (this.#waiting.length > 0 || !this.#write(message)) this.#waiting.push(message)
    this.#ring()
  }

  /** Sends what waited for room, as far as there is any now. */
  flush(): void {
    Atomics.store(this.#header, words.turns, ++this.#turns | 0)
    if (this.#waiting.length === 0) return
    let sent = 0
    for (const message of this.#waiting) {
      if (!this.#write(message)) break
      sent++
    }
    this.#waiting.splice(0, sent)
    if (sent > 0) this.#ring()
  }

  get #free(): number {
    return ringBytes - ((this.#written - this.#read) >>> 0)
  }

  /** Wakes a reader that sleeps. */
  #ring(): void {
    if (Atomics.load(this.#header, words.asleep) === 0) return
    Atomics.store(this.#header, words.asleep, 0)
    Atomics.notify(this.#header, words.written)
  }

  #write(message: Message): boolean {
    const bound = this.#frames.bound(message)
    const isLong = bound > mostFrameBytes
    const needed = align(isLong ? 4 : 4 + bound)
    let at = this.#written & (ringBytes - 1)
    const skipped = at + needed > ringBytes ? ringBytes - at : 0
    if (needed + skipped > this.#free) this.#read = Atomics.load(this.#header, words.read)
    if (needed + skipped > this.#free) return false
    if (skipped > 0) {
      this.#data.writeUInt32LE(marks.wrap, at)
      at = 0
    }
    let length: number
    if (isLong) {
      // Before the frame that announces it: the reader must find it there.
      const given = handOver(message)
      this.#path.port.postMessage(given.message, given.buffers)
      this.#data.writeUInt32LE(marks.port, at)
      length = 4
    } else {
      length = this.#frames.write(message, this.#data, at + 4) - at
      this.#data.writeUInt32LE(length - 4, at)
    }
    this.#written = (this.#written + skipped + align(length)) | 0
    Atomics.store(this.#header, words.written, this.#written)
    return true
  }
}

/** The reading end. */
export class RingReader {
  readonly #path: RingPath
  readonly #header: Int32Array
  readonly #data: Buffer
  readonly #frames: FrameReader
  #read = 0

  constructor(path: RingPath) {
    this.#path = path
    this.#header = new Int32Array(path.memory, 0, headerBytes / 4)
    this.#data = Buffer.from(path.memory, headerBytes, ringBytes)
    this.#frames = new FrameReader(this.#data)
  }

  /** Whether something is there. */
  get hasMail(): boolean {
    return Atomics.load(this.#header, words.written) !== this.#read
  }

  /** Changes with each turn of the writer's thread. */
  get pulse(): number {
    return Atomics.load(this.#header, words.turns)
  }

  /** Hands out what is there now; answers how many messages that were. */
  drain(receive: (message: unknown) => void): number {
    const until = Atomics.load(this.#header, words.written)
    let count = 0
    if ((until - this.#read) >>> 0 > ringBytes) {
      // More than the ring holds was never written: the other end is not to be trusted, and would have this one read for minutes.
      this.#advance((until - this.#read) | 0)
      receive(undefined)
      return 1
    }
    // A broken frame may lead past what was written; what follows it is lost, and the parser of messages says why.
    while (((until - this.#read) | 0) > 0) {
      const at = this.#read & (ringBytes - 1)
      const length = this.#data.readUInt32LE(at)
      if (length === marks.wrap) {
        this.#advance(ringBytes - at)
        continue
      }
      let message: unknown
      if (length > mostFrameBytes && length !== marks.port) {
        receive(undefined)
        break
      }
      if (length === marks.port) {
        message = receiveMessageOnPort(this.#path.port)?.message
        this.#advance(align(4))
      } else {
        message = this.#decode(at + 4, length)
        this.#advance(align(4 + length))
      }
      count++
      receive(message)
    }
    if (this.#read !== until) this.#advance((until - this.#read) | 0)
    return count
  }

  /** Looks for mail so many times. */
  look(times: number): boolean {
    for (let look = 0; look < times; look++) if (this.hasMail) return true
    return false
  }

  /** Looks for mail for a while without giving the core away. */
  spin(forMs: number): boolean {
    const untilMs = performance.now() + forMs
    do {
      if (this.look(looksBetweenTimes)) return true
    } while (performance.now() < untilMs)
    return false
  }

  /** Sleeps until there is mail, at most so long. Blocks the thread. */
  park(timeoutMs: number): void {
    if (this.#fallAsleep()) Atomics.wait(this.#header, words.written, this.#read, timeoutMs)
    Atomics.store(this.#header, words.asleep, 0)
  }

  /** Resolves when there is mail. Undefined: there is some already. */
  async parkAsync(): Promise<void> {
    if (!this.#fallAsleep()) return
    const waiting = Atomics.waitAsync(this.#header, words.written, this.#read)
    if (waiting.async) await waiting.value
  }

  /** Ends a {@link parkAsync}. */
  wake(): void {
    Atomics.notify(this.#header, words.written)
  }

  /** False when mail came in the meantime. */
  #fallAsleep(): boolean {
    Atomics.store(this.#header, words.asleep, 1)
    if (!this.hasMail) return true
    Atomics.store(this.#header, words.asleep, 0)
    return false
  }

  #decode(at: number, length: number): unknown {
    try {
      return this.#frames.read(at, at + length)
    } catch {
      // No frame at all: it is for the parser of messages to refuse.
      return undefined
    }
  }

  #advance(bytes: number): void {
    this.#read = (this.#read + bytes) | 0
    Atomics.store(this.#header, words.read, this.#read)
  }
}

/** Frames start at multiples of eight, so that a length never lies across the end. */
const align = (bytes: number): number => (bytes + 7) & ~7
