// One running copy of a script plugin: a fresh interpreter with the prelude and the plugin's module in it. It carries
// host calls and timers in and out, and keeps what the guest makes the cell hold within bounds. It decides nothing.

import type { GuestCall, GuestInstance, GuestResult } from '@bulkhead/cell'
import type { ActionSpec, Limits, LogLevel } from '@bulkhead/kernel'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel/wire'
import type { QuickJSHandle } from 'quickjs-emscripten-core'
import { preludeSource } from '../generated/guest.ts'
import { parseActionList } from './action-list.ts'
import { Bridge, type Outcome } from './bridge.ts'
import { errorOfFailure, errorOfLoad, type FailureDescription, parseDescription } from './guest-failure.ts'
import type { Interpreter } from './interpreter.ts'
import { type Positions, pluginFileName } from './positions.ts'
import { callGuest, exactBuffer, payloadSize } from './transfer.ts'

/** What every copy of a plugin is made from. */
export interface Program {
  readonly name: string
  readonly code: string
  /** JSON for the prelude: areas, functions, config. */
  readonly settings: string
  readonly limits: Limits
  readonly positions: Positions
  open(): Promise<Interpreter>
  classify(thrown: unknown): BulkheadError
  log(level: LogLevel, message: string): void
}

/** See the file's head. Open one with {@link Sandbox.open}. */
export class Sandbox implements GuestInstance {
  readonly #program: Program
  readonly #interpreter: Interpreter
  readonly #bridge: Bridge
  #prelude: QuickJSHandle
  #namespace: QuickJSHandle
  /** When the guest was last entered; bounds one stretch of its code where the cell cannot end the thread. */
  #enteredMs = 0
  #interrupted = false
  #signal: AbortSignal | undefined

  private constructor(program: Program, interpreter: Interpreter) {
    this.#program = program
    this.#interpreter = interpreter
    this.#bridge = new Bridge(interpreter, program)
    this.#prelude = interpreter.context.undefined
    this.#namespace = interpreter.context.undefined
    interpreter.runtime.setInterruptHandler(() => {
      this.#interrupted =
        this.#bridge.fatal !== undefined ||
        this.#signal?.aborted === true ||
        performance.now() - this.#enteredMs > program.limits.wallMs
      return this.#interrupted
    })
  }

  /** Opens a copy and evaluates the plugin's module. @throws BulkheadError `artifact.compile`, `limit.*`, `plugin.*` */
  static async open(program: Program): Promise<Sandbox> {
    const sandbox = new Sandbox(program, await program.open())
    try {
      sandbox.#boot()
      await sandbox.#evaluate()
    } catch (thrown) {
      sandbox[Symbol.dispose]()
      throw thrown
    }
    return sandbox
  }

  /** What the plugin says of its actions. @throws BulkheadError */
  actions(): Readonly<Record<string, ActionSpec>> {
    const { context } = this.#interpreter
    const list = this.#enter(() => context.callMethod(this.#prelude, 'describe', [this.#namespace]))
    if (list.error !== undefined) throw errorOfLoad(this.#describe(list.error), this.#program.positions)
    return parseActionList(context.getString(list.value))
  }

  async call(call: GuestCall): Promise<GuestResult> {
    const { context, makeRoom } = this.#interpreter
    const payload = call.input.kind === 'raw' ? { json: '{"$blob":0}', blobs: [call.input.bytes] } : call.input.payload
    this.#bridge.begin(call)
    this.#signal = call.signal
    try {
      const started = this.#enter(() => {
        makeRoom(payloadSize(payload.json, payload.blobs))
        const blobs = (payload.blobs ?? []).map((blob) => context.newArrayBuffer(exactBuffer(blob)))
        const head = [this.#namespace.dup(), context.newString(call.action), context.newString(payload.json)]
        return callGuest(context, this.#prelude, 'invoke', [...head, ...blobs])
      })
      if (started.error !== undefined) throw this.#failure(started.error)
      if (context.dump(started.value) === false) {
        throw new BulkheadError('action.unknown', `${this.#program.name} has no action "${call.action.slice(0, 100)}"`)
      }
      const outcome = await this.#drive(() => this.#bridge.outcome)
      if (outcome.ok) return { output: outputOf(outcome, call.output) }
      throw errorOfFailure(parseDescription(outcome.json), this.#program.positions)
    } finally {
      this.#bridge.end()
      this.#signal = undefined
    }
  }

  memoryBytes(): number {
    return this.#interpreter.memory.buffer.byteLength
  }

  /** The interpreter is dropped with its memory; freeing what is in it first would only take time. */
  [Symbol.dispose](): void {
    this.#bridge.close()
  }

  #boot(): void {
    const { context } = this.#interpreter
    const boot = this.#enter(() =>
      context.evalCode(preludeSource, 'bulkhead:prelude', { type: 'global', strict: true }),
    )
    if (boot.error !== undefined) throw this.#failure(boot.error)
    const settings = context.newString(this.#program.settings)
    const prelude = this.#enter(() =>
      context.callFunction(boot.value, context.undefined, [this.#bridge.makeGuestObject(), settings]),
    )
    if (prelude.error !== undefined) throw this.#failure(prelude.error)
    this.#prelude = prelude.value
  }

  async #evaluate(): Promise<void> {
    const { context, makeRoom } = this.#interpreter
    const { code, positions } = this.#program
    const evaluated = this.#enter(() => {
      makeRoom(code.length * 3)
      return context.evalCode(code, pluginFileName, { type: 'module' })
    })
    if (evaluated.error !== undefined) throw errorOfLoad(this.#describe(evaluated.error), positions)
    const state = await this.#drive(() => {
      const now = context.getPromiseState(evaluated.value)
      return now.type === 'pending' ? undefined : now
    })
    if (state.type === 'rejected') throw errorOfLoad(this.#describe(state.error as never), positions)
    this.#namespace = state.value
  }

  /** Runs jobs and answers until `outcome` has one. @throws BulkheadError when the guest waits for nothing */
  async #drive<T>(outcome: () => T | undefined): Promise<T> {
    for (;;) {
      this.#enter(() => {
        this.#bridge.deliver(this.#prelude)
        const jobs = this.#interpreter.runtime.executePendingJobs()
        if (jobs.error !== undefined) throw this.#failure(jobs.error)
      })
      const reached = outcome()
      if (reached !== undefined) return reached
      if (this.#bridge.isIdle) {
        // An error for which there was no memory left is lost on its way to the promise.
        if (this.#interpreter.isExhausted) throw outOfMemory()
        throw new BulkheadError('plugin.failed', 'the plugin waits for a promise that nothing will settle', {
          hint: 'Await only host calls, timers and promises that your own code resolves.',
          details: { name: 'NeverSettles' },
        })
      }
      await this.#bridge.arrival()
      if (this.#signal?.aborted === true) throw asBulkheadError(this.#signal.reason, 'call.cancelled')
    }
  }

  /** Every way into the guest. @throws BulkheadError for traps, interruptions and bounds that were passed */
  #enter<T>(run: () => T): T {
    this.#enteredMs = performance.now()
    let result: T
    try {
      result = run()
    } catch (thrown) {
      throw this.#bridge.fatal ?? this.#program.classify(thrown)
    }
    if (this.#bridge.fatal !== undefined) throw this.#bridge.fatal
    if (this.#interrupted) {
      if (this.#signal?.aborted === true) throw asBulkheadError(this.#signal.reason, 'call.cancelled')
      throw new BulkheadError('limit.time', `${this.#program.name} ran for more than ${this.#program.limits.wallMs} ms`)
    }
    return result
  }

  #failure(error: QuickJSHandle): BulkheadError {
    return errorOfFailure(this.#describe(error), this.#program.positions)
  }

  #describe(error: QuickJSHandle): FailureDescription {
    const { context } = this.#interpreter
    const described = this.#enter(() => callGuest(context, this.#prelude, 'describeFailure', [error]))
    // Nothing could be said of it: with the memory used up, even a short text has no room.
    if (described.error !== undefined) throw outOfMemory()
    return parseDescription(context.getString(described.value))
  }
}

const outOfMemory = (): BulkheadError => new BulkheadError('limit.memory', 'the plugin ran out of its memory limit')

const outputOf = ({ json, blobs }: Extract<Outcome, { ok: true }>, wanted: 'value' | 'raw'): GuestResult['output'] => {
  if (wanted === 'value') return { kind: 'value', payload: blobs.length === 0 ? { json } : { json, blobs } }
  const [only] = blobs
  if (only !== undefined && json === '{"$blob":0}') return { kind: 'raw', bytes: only }
  const text = json.startsWith('"') ? (JSON.parse(json) as string) : json
  return { kind: 'raw', bytes: new TextEncoder().encode(text) }
}
