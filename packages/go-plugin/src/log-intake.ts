// Takes in what a plugin writes and hands it on line by line, within bounds: at most one unfinished line is held, and a
// flood is dropped and counted, so that it costs neither memory nor the log's readers. It keeps no records.

import type { Readable } from 'node:stream'
import { type LogRecord, type LogSource, makeLineParser, maxLineBytes } from './log-record.ts'
import { makeThrottle } from './throttle.ts'

/** Where the lines of one plugin go. It must not throw, and must not keep what it cannot hold. */
export interface LogSink {
  record(record: LogRecord): void
  /** So many lines of one source were left out because they came too fast. */
  dropped(source: LogSource, lines: number): void
}

/** Bounds on one source, and the clock that they are counted by. */
export interface LogIntakeOptions {
  /** Lines handed on within one second; further ones are dropped and counted. */
  readonly maxLinesPerSecond?: number
  /** Bytes of lines handed on within one second. */
  readonly maxBytesPerSecond?: number
  /** Milliseconds from any start. */
  readonly nowMs?: () => number
}

/** Takes bytes of one source. */
export interface LogIntake {
  /** @returns how many lines ended in it */
  push(chunk: Uint8Array): number
  /** Hands on what has no line end, and what was dropped. */
  end(): void
}

const lineFeed = 0x0a
const windowMs = 1_000
const decoder = new TextDecoder('utf-8')

/** Makes the intake of one source. */
export const makeLogIntake = (source: LogSource, sink: LogSink, options: LogIntakeOptions = {}): LogIntake => {
  const { maxLinesPerSecond = 1_000, maxBytesPerSecond = 1024 * 1024, nowMs = () => performance.now() } = options
  const parse = makeLineParser(source)
  // One buffer for the unfinished line, so that a line in a million chunks costs no more than one in a single chunk.
  const held = Buffer.allocUnsafe(maxLineBytes)
  let length = 0
  let cut = false
  let windowStart = Number.NEGATIVE_INFINITY
  let lines = 0
  let bytes = 0
  let dropped = 0

  const reportDropped = (): void => {
    if (dropped > 0) sink.dropped(source, dropped)
    dropped = 0
  }

  const handOn = (): void => {
    const now = nowMs()
    if (now - windowStart >= windowMs) {
      reportDropped()
      windowStart = now
      lines = 0
      bytes = 0
    }
    lines++
    bytes += length
    if (lines > maxLinesPerSecond || bytes > maxBytesPerSecond) dropped++
    else sink.record(parse(decoder.decode(held.subarray(0, length)).replace(/\r$/, ''), cut))
    length = 0
    cut = false
  }

  const keep = (part: Uint8Array): void => {
    const room = maxLineBytes - length
    held.set(part.length > room ? part.subarray(0, room) : part, length)
    length += Math.min(part.length, room)
    cut ||= part.length > room
  }

  return {
    push: (chunk) => {
      let start = 0
      for (let ended = 0; ; ended++) {
        const at = chunk.indexOf(lineFeed, start)
        keep(chunk.subarray(start, at === -1 ? chunk.length : at))
        if (at === -1) return ended
        handOn()
        start = at + 1
      }
    },
    end: () => {
      if (length > 0 || cut) handOn()
      reportDropped()
    },
  }
}

/** How much of one source is read within a second, be it handed on or dropped. */
export const maxReadBytesPerSecond = 16 * 1024 * 1024
/** What a line costs beside its bytes, as so many of them: an empty one takes as much of our time as one with words in it. */
export const lineCost = 256

/** Reads a stream to its end through an intake, held back by a throttle. A stream that fails has ended. */
export const drainThrough = (
  stream: Readable,
  intake: LogIntake,
  throttle = makeThrottle(maxReadBytesPerSecond),
): void => {
  stream.on('data', (chunk: Buffer) => {
    const lines = intake.push(chunk)
    const waitMs = throttle.take(chunk.length + lines * lineCost)
    if (waitMs === 0) return
    stream.pause()
    setTimeout(() => stream.resume(), waitMs).unref()
  })
  stream.once('end', () => intake.end())
  stream.on('error', () => {})
  stream.resume()
}
