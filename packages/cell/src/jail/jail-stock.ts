// Jailed processes that were started before anybody needed one: the first call of a plugin does not wait for a process to
// start. None is started before the first jail is asked for.

import { asBulkheadError, type BulkheadError } from '@bulkhead/kernel/wire'
import { endJailProcess, type JailPort, type JailProcess, startJailProcess } from './jail.ts'

/**
 * After a spare was taken, ms before the next is started: whoever took it has a plugin to load, and a start takes a core for
 * a moment. What runs one plugin once and ends never starts another.
 */
const refillAfterMs = 500

/** See the file's head. Disposing ends the spares; what was taken belongs to whoever took it. */
export class JailStock implements AsyncDisposable {
  readonly #port: JailPort
  readonly #most: number
  readonly #spares = new Set<Promise<JailProcess>>()
  #refill: NodeJS.Timeout | undefined
  #fault: Promise<BulkheadError | undefined> | undefined
  #isClosed = false

  /** Keeps so many `spares` ready. */
  constructor(port: JailPort, spares: number) {
    this.#port = port
    this.#most = spares
  }

  /**
   * A process, ready or starting, whose guests may take so many bytes together; a spare where that is enough. Rejects with a
   * BulkheadError `sandbox.*`.
   */
  take(guestBytes: number): Promise<JailProcess> {
    if (guestBytes > this.#port.usualGuestBytes) return startJailProcess(this.#port, guestBytes)
    const [spare] = this.#spares
    if (spare !== undefined) this.#spares.delete(spare)
    this.#refill ??= setTimeout(() => {
      this.#refill = undefined
      while (!this.#isClosed && this.#spares.size < this.#most) this.#start().catch(() => undefined)
    }, refillAfterMs).unref()
    return spare ?? startJailProcess(this.#port)
  }

  /** Sees to it that there is a spare. */
  prepare(): void {
    if (this.#isClosed || this.#spares.size > 0) return
    this.#start().catch(() => undefined)
  }

  /**
   * Why no jail can be started; a spare is started to see. That one can be, and that this system has no sandbox (`sandbox.missing`),
   * stays so; whatever else went wrong may go right the next time, and is found out anew.
   */
  fault(): Promise<BulkheadError | undefined> {
    this.#fault ??= this.#start().then(
      () => undefined,
      (thrown: unknown) => {
        const fault = asBulkheadError(thrown)
        if (fault.code !== 'sandbox.missing') this.#fault = undefined
        return fault
      },
    )
    return this.#fault
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#refill)
    const spares = [...this.#spares]
    this.#spares.clear()
    await Promise.all(spares.map((spare) => spare.then(endJailProcess, () => undefined)))
  }

  #start(): Promise<JailProcess> {
    const spare = startJailProcess(this.#port)
    this.#spares.add(spare)
    const drop = (): void => void this.#spares.delete(spare)
    spare.then((process) => {
      if (this.#spares.has(spare)) process.hold(false)
      void process.exited.then(drop)
    }, drop)
    return spare
  }
}
