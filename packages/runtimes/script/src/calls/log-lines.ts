// The log lines of one guest, bounded: those of its load go where the load says, those of a call to the call.

import type { GuestCall } from '@bulkhead/cell'
import type { LogLevel } from '@bulkhead/kernel'

/** Takes a line. */
export type Log = (level: LogLevel, message: string) => void

const levels: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error']
const maxLogLines = 10_000
const tooManyLines = 'further log lines of this call are dropped'

/** Longest line, UTF-16 code units. */
export const maxLogLength = 32_768

/** See the file's head. */
export class LogLines {
  #loadLog: Log | undefined
  #logged = 0

  /** The plugin is being loaded: lines outside of a call go there. */
  start(log: Log): void {
    this.#loadLog = log
  }

  /** A call begins: its lines are counted anew. */
  begin(): void {
    this.#logged = 0
  }

  forget(): void {
    this.#logged = 0
    this.#loadLog = undefined
  }

  /** Writes a line of a level by name or by its number from `trace`; of any other, as `info`. */
  write(call: GuestCall | undefined, level: string | number, message: string): void {
    const severity = levels.find((name, index) => name === level || index === level) ?? 'info'
    this.#logged++
    if (this.#logged > maxLogLines + 1) return
    const [line, at] = this.#logged > maxLogLines ? [tooManyLines, 'warn' as const] : [message, severity]
    if (call === undefined) this.#loadLog?.(at, line)
    else call.log(at, line)
  }
}
