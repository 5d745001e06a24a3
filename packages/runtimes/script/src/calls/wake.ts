// Waiting for something to arrive at one guest, or for its call to be over.

import type { GuestCall } from '@bulkhead/cell'

/** See the file's head. */
export class Wake {
  #call: GuestCall | undefined
  #isHeard = false
  #resolve: (() => void) | undefined

  begin(call: GuestCall): void {
    this.#call = call
  }

  end(): void {
    if (this.#isHeard) this.#call?.signal.removeEventListener('abort', this.notify)
    this.#isHeard = false
    this.#call = undefined
  }

  /** Resolves at the next {@link notify}, or when the call was aborted. */
  next(): Promise<void> {
    const signal = this.#call?.signal
    if (signal?.aborted === true) return Promise.resolve()
    if (!this.#isHeard) signal?.addEventListener('abort', this.notify, { once: true })
    this.#isHeard = true
    return new Promise((resolve) => {
      this.#resolve = resolve
    })
  }

  readonly notify = (): void => {
    const resolve = this.#resolve
    this.#resolve = undefined
    resolve?.()
  }
}
