// Bounds what one call may log. Each line crosses threads and ends in the host's memory, so lines cost even when empty.

import type { LogLevel } from '@bulkhead/kernel'

/** Most bytes (UTF-16 units) of log lines of one call, {@link lineCost} for each line included. */
export const mostLogBytes = 1024 * 1024
/** Longest log line; what is longer is cut. */
export const longestLine = 64 * 1024
/** What a line costs beside its text. */
const lineCost = 64

/** Writes one line. */
export type Log = (level: LogLevel, message: string) => void

/** Makes a log that drops what goes beyond the bounds, and says so once. */
export const boundLog = (log: Log): Log => {
  let left = mostLogBytes
  return (level, message) => {
    if (left < 0) return
    left -= Math.min(message.length, longestLine) + lineCost
    if (left < 0) log('warn', 'further log lines of this call are dropped')
    else log(level, message.length > longestLine ? `${message.slice(0, longestLine)}…` : message)
  }
}
