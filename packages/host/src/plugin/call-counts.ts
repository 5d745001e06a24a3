// How many calls of a plugin came to what end, for whoever asks for its status.

import type { BulkheadError, ErrorCode, WireError } from '@bulkhead/kernel'
import type { PluginStatus } from '../api.ts'

/** See the file's head. */
export class CallCounts {
  #done = 0
  #failed = 0
  #lastError: WireError | undefined
  readonly #limitHits: Partial<Record<ErrorCode, number>> = {}

  done(): void {
    this.#done++
  }

  failed(error: BulkheadError): void {
    this.#failed++
    this.note(error)
    if (error.code.startsWith('limit.')) this.#limitHits[error.code] = (this.#limitHits[error.code] ?? 0) + 1
  }

  /** An error of no call. */
  note(error: BulkheadError): void {
    this.#lastError = error.toJSON()
  }

  get status(): Pick<PluginStatus, 'callsDone' | 'callsFailed' | 'limitHits' | 'lastError'> {
    return {
      callsDone: this.#done,
      callsFailed: this.#failed,
      limitHits: { ...this.#limitHits },
      ...(this.#lastError === undefined ? {} : { lastError: this.#lastError }),
    }
  }
}
