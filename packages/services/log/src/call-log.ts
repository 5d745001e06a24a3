// Bounds what one call can write to the log: line length and number of lines. It does not decide who may log (everyone
// may) and does not escape: the surface that prints a line escapes it.

import type { CallContext, Clock, LogLevel, LogSink } from '@bulkhead/kernel'

/** What the service needs. */
export interface LogPorts {
  readonly log: LogSink
  readonly clock: Pick<Clock, 'now'>
}

/** Longest line in UTF-16 code units; the rest is cut and said so. */
export const maxLineLength = 8 * 1024
/** Lines of one call, whichever way the plugin logs. */
export const maxLinesPerCall = 1000

/** Writes a plugin's line on behalf of a call. */
export type CallLog = (call: CallContext, level: LogLevel, message: string) => void

/** Makes the bounded log. Use one for all ways of logging, so that a call's lines are counted together. */
export const makeCallLog = (ports: LogPorts): CallLog => {
  const written = new WeakMap<CallContext, { lines: number }>()

  return (call, level, message) => {
    const write = (lineLevel: LogLevel, text: string): void =>
      ports.log.write({
        time: ports.clock.now(),
        level: lineLevel,
        plugin: call.principal.name,
        callId: call.callId,
        message: text,
      })
    const count = written.get(call) ?? { lines: 0 }
    written.set(call, count)
    count.lines++
    if (count.lines <= maxLinesPerCall) return write(level, cut(message))
    if (count.lines === maxLinesPerCall + 1) {
      // How many were dropped is only known at the end, when the call's signal aborts.
      call.signal.addEventListener(
        'abort',
        () => write('warn', `suppressed ${count.lines - maxLinesPerCall} further log lines of this call`),
        { once: true },
      )
    }
  }
}

const cut = (message: string): string => {
  if (message.length <= maxLineLength) return message
  const end = message.charCodeAt(maxLineLength - 1) >> 10 === 0x36 ? maxLineLength - 1 : maxLineLength
  return `${message.slice(0, end)}… (${message.length - end} characters cut)`
}
