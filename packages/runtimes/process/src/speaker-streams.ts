// What the protocols on standard streams have in common: both take input and output whole, and standard error is free for
// the program to write its log to.

import { escapeLine, type LogLevel } from '@bulkhead/kernel'
import { Throttle } from '@bulkhead/protocols'
import type { Confined } from '@bulkhead/sandbox'
import { clock } from './clock-node.ts'
import type { SpeakerOptions } from './speaker.ts'

/** Longest line of standard error that is logged, characters. */
const longestErrorLine = 4096
/** How much of standard error is read within a second, bytes: past it, the program waits on its own pipe. */
const mostErrorBytesPerSecond = 16 * 1024 * 1024
/** What a line costs beside its bytes, as so many of them: an empty one takes as much of our time as one with words in it. */
const lineBytes = 256

/** Options of a protocol on the streams of the program, whose standard error is logged from here on. */
export const streamOptions = (confined: Confined, { timeoutMs, signal, log }: SpeakerOptions) => {
  logErrors(confined, log)
  return {
    streams: { readable: confined.stdout, writable: confined.stdin },
    clock,
    handshakeTimeoutMs: timeoutMs,
    ...(signal === undefined ? {} : { signal }),
    log: (level: LogLevel, message: string) => log(level, message),
  }
}

const logErrors = ({ stderr }: Confined, log: SpeakerOptions['log']): void => {
  const throttle = new Throttle(clock, mostErrorBytesPerSecond)
  stderr.setEncoding('utf8')
  stderr.on('data', (text: string) => {
    const lines = text.split('\n')
    for (const line of lines) if (line.trim() !== '') log('warn', escapeLine(line, longestErrorLine))
    throttle.spend(text.length + lines.length * lineBytes)
    const { waitMs } = throttle
    if (waitMs === 0) return
    stderr.pause()
    clock.after(waitMs, () => stderr.resume())
  })
  stderr.on('error', () => undefined)
}
