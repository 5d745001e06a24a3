// What the protocols on standard streams have in common: both take input and output whole, and standard error is free for
// the program to write its log to.

import { escapeLine, type LogLevel } from '@bulkhead/kernel'
import type { Confined } from '@bulkhead/sandbox'
import { clock } from './clock-node.ts'
import type { SpeakerOptions } from './speaker.ts'

/** Longest line of standard error that is logged, characters. */
const longestErrorLine = 4096

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
  stderr.setEncoding('utf8')
  stderr.on('data', (text: string) => {
    for (const line of text.split('\n')) if (line.trim() !== '') log('warn', escapeLine(line, longestErrorLine))
  })
  stderr.on('error', () => undefined)
}
