// An abort that listeners hear of, with a signal that is made when somebody asks for it: making one costs more than a
// small call.

/** See the file's head. */
export class LazyAbort {
  #controller: AbortController | undefined
  #reason: unknown
  #aborted = false
  #listeners: Set<() => void> | undefined

  get aborted(): boolean {
    return this.#aborted
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#aborted) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }

  /** Calls back once when it aborts, at once if it has. Answers how to take that back. */
  listen(run: () => void): () => void {
    if (this.#aborted) {
      run()
      return () => undefined
    }
    this.#listeners ??= new Set()
    this.#listeners.add(run)
    return () => void this.#listeners?.delete(run)
  }

  abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    this.#controller?.abort(reason)
    const listeners = this.#listeners
    this.#listeners = undefined
    for (const run of listeners ?? []) run()
  }
}
