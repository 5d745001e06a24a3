// What of the log each principal has taken up: one that writes without end must not fill it for all.

import { BulkheadError } from '../errors.ts'
import type { AuditEvent } from './record.ts'

/** See the file's head. */
export class Shares {
  #bytesEach: number
  #measured = false
  readonly #taken = new Map<string, number>()

  constructor(bytesEach: number) {
    this.#bytesEach = bytesEach
  }

  /**
   * Says how many bytes the log could still take when this process began; what is said later is not heard. Nobody gets
   * more than a quarter of it: shares are counted in each process anew, and runs in a row would fill the log for all.
   */
  measured(bytesLeft: number): void {
    if (this.#measured) return
    this.#measured = true
    this.#bytesEach = Math.min(this.#bytesEach, Math.max(0, bytesLeft) / 4)
  }

  /** Takes a record off its principal's share; answers the error for one that has used it up. */
  charge({ principal, plugin }: AuditEvent, bytes: number): BulkheadError | undefined {
    if (principal === undefined) return undefined
    const taken = (this.#taken.get(principal) ?? 0) + bytes
    if (taken > this.#bytesEach) {
      return new BulkheadError('audit.unavailable', `${plugin ?? principal} has used up its share of the audit log`, {
        hint: 'Stop the plugin, or if its work is legitimate, restart the host; where the log is nearly full, move old chains away.',
      })
    }
    this.#taken.set(principal, taken)
    return undefined
  }
}
