// A process that is kept between calls: asked whether it is there, told of when it dies by itself, and let go when nobody
// needs it. While nothing is asked of it, it costs a look at its processor time now and then: the less it may use, the oftener.

import { BulkheadError, type Bounded, type CompartmentCare, type Deadlines, type RosterEntry } from '@bulkhead/kernel'
import { clock } from './clock-node.ts'
import type { RunningProcess } from './running-process.ts'

/** So long after a call nobody looks at what it uses: a call that comes soon is not to wait for that. */
const unwatchedMs = 1000

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
  /** Between calls: what it does then is nobody's call, and may take no more than one. Not before {@link unwatchedMs}. */
  #cpu: Disposable | undefined

  constructor(process: RunningProcess, options: KeptProcessOptions) {
    this.process = process
    this.#options = options
    void process.gone.then((exit) => {
      this.#place?.leave()
      this.#cpu?.[Symbol.dispose]()
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
    this.#cpu?.[Symbol.dispose]()
    this.#cpu = undefined
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
    return Math.min(
      this.#usedAtMs + idleMs,
      this.#isUnasked ? this.#heardAtMs + healthEveryMs : Number.POSITIVE_INFINITY,
      this.#cpu === undefined ? this.#usedAtMs + unwatchedMs : Number.POSITIVE_INFINITY,
    )
  }

  overdue(): void {
    const { healthEveryMs, idleMs } = this.#options.care
    const nowMs = clock.monotonic()
    if (nowMs >= this.#usedAtMs + idleMs) return this.#options.idle()
    this.#cpu ??= this.process.limitCpu()
    if (!this.#isUnasked || nowMs < this.#heardAtMs + healthEveryMs) return this.#wait()
    this.#look = this.#ask().then(() => {
      this.#look = undefined
      if (!this.#isHeld) this.#wait()
    })
  }

  #wait(): void {
    if (this.process.isOver) return
    this.#place = this.#options.deadlines.add(this)
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
