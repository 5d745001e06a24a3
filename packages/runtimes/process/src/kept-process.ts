// A process that is kept between calls: asked whether it is there, told of when it dies by itself, and let go when nobody
// needs it. While nothing is asked of it, it costs one timer at the most, and no turn of any clock.

import { BulkheadError, type Bounded, type CompartmentCare, type Deadlines, type RosterEntry } from '@bulkhead/kernel'
import { clock } from './clock-node.ts'
import type { RunningProcess } from './running-process.ts'

/** What is done when a process goes. */
export interface KeptProcessOptions {
  readonly care: CompartmentCare
  readonly generation: number
  readonly deadlines: Deadlines
  /** Nobody has needed it for long: whoever keeps it stops it. */
  idle(): void
  /** It is gone, or on its way. */
  over(): void
}

/** See the file's head. */
export class KeptProcess implements Bounded {
  readonly process: RunningProcess
  readonly #options: KeptProcessOptions
  #place: RosterEntry | undefined
  #isHeld = false
  #usedAtMs = clock.monotonic()
  /** When it last answered anything. */
  #heardAtMs = clock.monotonic()
  /** Whether it was used since it was last asked whether it is there. */
  #isUnasked = false
  /** A question that is under way. */
  #look: Promise<void> | undefined
  #isTold = false

  constructor(process: RunningProcess, options: KeptProcessOptions) {
    this.process = process
    this.#options = options
    void process.gone.then((exit) => {
      this.#place?.leave()
      options.over()
      // A call that was on it tells of it itself; to exit with 0 while nothing is asked of one is no crash.
      if (process.isToldByCall || !process.hasEndedItself || (exit.reason === 'exited' && exit.code === 0)) return
      this.#tell(process.errorOf(exit, { details: { generation: options.generation } }))
    })
  }

  /** Whether somebody has it, or waits for it. */
  get isHeld(): boolean {
    return this.#isHeld
  }

  get generation(): number {
    return this.#options.generation
  }

  /** Takes it for a call, if it can take one; what was not heard of for long is asked first. Release it after. */
  async hold(): Promise<boolean> {
    this.#place?.leave()
    this.#isHeld = true
    await this.#look
    if (!(await this.process.isReady())) return false
    if (clock.monotonic() - this.#heardAtMs >= this.#options.care.healthEveryMs) await this.#ask()
    return this.process.isReady()
  }

  release(): void {
    this.#isHeld = false
    this.#usedAtMs = clock.monotonic()
    this.#heardAtMs = this.#usedAtMs
    this.#isUnasked = true
    this.#wait()
  }

  get deadlineMs(): number {
    const { healthEveryMs, idleMs } = this.#options.care
    const idleAtMs = this.#usedAtMs + idleMs
    return this.#isUnasked ? Math.min(idleAtMs, this.#heardAtMs + healthEveryMs) : idleAtMs
  }

  overdue(): void {
    if (clock.monotonic() >= this.#usedAtMs + this.#options.care.idleMs) return this.#options.idle()
    this.#look = this.#ask().then(() => {
      this.#look = undefined
      if (!this.#isHeld) this.#wait()
    })
  }

  #wait(): void {
    if (!this.process.isOver) this.#place = this.#options.deadlines.add(this)
  }

  /** Never rejects: one that does not answer is ended. */
  async #ask(): Promise<void> {
    const { healthTimeoutMs } = this.#options.care
    this.#isUnasked = false
    if (await this.process.endUnlessAlive(healthTimeoutMs)) {
      this.#heardAtMs = clock.monotonic()
    } else if (this.process.isUnanswering) {
      this.#tell(
        new BulkheadError('plugin.crashed', `the process of ${this.process.name} did not say that it is there`, {
          details: { generation: this.generation, withinMs: healthTimeoutMs },
        }),
      )
    }
  }

  #tell(error: BulkheadError): void {
    if (this.#isTold) return
    this.#isTold = true
    this.#options.care.crashed(error, this.generation)
  }
}
