// What of the log each principal has taken up: one that writes without end must not fill it for all.

import { BulkheadError } from '../errors.ts'
import type { AuditEvent } from './record.ts'

/** See the file's head. */
export class Shares {
  readonly #bytesEach: number
  readonly #taken = new Map<string, number>()

  constructor(bytesEach: number) {
    this.#bytesEach = bytesEach
  }

  /** Takes a record off its principal's share; answers the error for one that has used it up. */
  charge({ principal, plugin }: AuditEvent, bytes: number): BulkheadError | undefined {
    if (principal === undefined) return undefined
    const taken = (this.#taken.get(principal) ?? 0) + bytes
    if (taken > this.#bytesEach) {
      return new BulkheadError('audit.unavailable', `${plugin ?? principal} has used up its share of the audit log`, {
        hint: 'Stop the plugin, or restart the host if its work is legitimate.',
      })
    }
    this.#taken.set(principal, taken)
    return undefined
  }
}
