// Bounds what one call may log. Each line crosses threads or pipes and ends in the host's memory, so lines cost even when empty.

import type { LogLevel } from '../ports.ts'

/** Most bytes (UTF-16 units) of log lines of one call, {@link lineCost} for each line included. */
const mostLogBytes = 1024 * 1024
/** Longest log line; what is longer is cut. */
const longestLine = 64 * 1024
/** What a line costs beside its text. */
const lineCost = 64

/** Writes one line. */
export type Log = (level: LogLevel, message: string) => void

/** Makes a log that drops what goes beyond the bounds, and says so once, and of which lines it speaks. */
export const boundLog = (log: Log, lines = 'log lines of this call'): Log => {
  let left = mostLogBytes
  return (level, message) => {
    if (left < 0) return
    left -= Math.min(message.length, longestLine) + lineCost
    if (left < 0) log('warn', `further ${lines} are dropped`)
    else log(level, message.length > longestLine ? `${message.slice(0, longestLine)}…` : message)
  }
}
