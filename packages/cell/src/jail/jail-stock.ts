// Jailed processes that were started before anybody needed one: the first call of a plugin does not wait for a process to
// start. None is started before the first jail is asked for.

import { endJailProcess, type JailPort, type JailProcess, startJailProcess } from './jail.ts'

/** See the file's head. Disposing ends the spares; what was taken belongs to whoever took it. */
export class JailStock implements AsyncDisposable {
  readonly #port: JailPort
  readonly #most: number
  readonly #spares: Promise<JailProcess>[] = []
  #isClosed = false

  /** Keeps so many `spares` ready. */
  constructor(port: JailPort, spares: number) {
    this.#port = port
    this.#most = spares
  }

  /** A process, ready or starting. Rejects with a BulkheadError `sandbox.*`. */
  take(): Promise<JailProcess> {
    const taken = this.#spares.shift() ?? startJailProcess(this.#port)
    // Not at once: the caller is waiting for what it took, and a start takes a core for a moment.
    void taken.then(
      () => this.#refill(),
      () => undefined,
    )
    return taken
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#spares.splice(0).map((spare) => spare.then(endJailProcess).catch(() => undefined)))
  }

  #refill(): void {
    while (!this.#isClosed && this.#spares.length < this.#most) {
      const spare = startJailProcess(this.#port)
      this.#spares.push(spare)
      const drop = (): void => {
        const index = this.#spares.indexOf(spare)
        if (index >= 0) this.#spares.splice(index, 1)
      }
      spare.then((process) => {
        process.hold(false)
        void process.exited.then(drop)
      }, drop)
    }
  }
}
