// One running copy of a plugin in an interpreter of ours, for the cell: it is opened in the plugin's first state, runs calls,
// and can be put back. It carries payloads in and out. It decides nothing.

import type { GuestCall, GuestInstance, GuestResult, Task } from '@bulkhead/cell'
import type { Awaitable } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Log } from '../calls/log-lines.ts'
import { outputOf } from '../calls/output.ts'
import { Bridge } from './bridge.ts'
import { errorOfFailure, errorOfLoad } from './failure.ts'
import { makeImports } from './imports.ts'
import { Interpreter } from './interpreter.ts'
import { packPayloadBytes } from './payload-bytes.ts'
import { type HeldState, holdState, type Program } from './program.ts'

/** See the file's head. Open one with {@link Sandbox.open}. */
export class Sandbox implements GuestInstance {
  readonly #program: Program
  readonly #interpreter: Interpreter
  readonly #bridge: Bridge
  /** The head of the last request: most copies serve one action. */
  #lastHead: { readonly action: string; readonly parameters: Program['parameters']; readonly text: string } | undefined
  #isLoaded = false
  #isSeeded = false
  #canReset = true
  /** Whether a call is under way: what it entered may be on a stack still, suspended. */
  #isRunning = false
  /** Its memory may be another's. */
  #isDisposed = false

  private constructor(program: Program, task: Task) {
    const { limits, config, source, first, base } = program
    const bridge = new Bridge({ limits, config })
    this.#program = program
    this.#bridge = bridge
    this.#interpreter = new Interpreter(source, {
      task,
      pages: (first ?? base).pages,
      imports: (interpreter) => makeImports(interpreter, bridge),
    })
    bridge.interpreter = this.#interpreter
  }

  /**
   * Opens a copy in the plugin's first state, or in the base state where the plugin has to be loaded anew: that is then
   * done with its first call. @throws BulkheadError `limit.memory`
   */
  static open(program: Program, task: Task): Sandbox {
    const sandbox = new Sandbox(program, task)
    if (sandbox.#restore({ isFresh: true }) === undefined) {
      throw new BulkheadError('host.internal', `the state of ${program.source.title} cannot be put back`)
    }
    return sandbox
  }

  /** Loads the plugin, if it is not; gives the actions that it has, as JSON. @throws BulkheadError `artifact.compile`, `limit.*`, `plugin.*` */
  async load(task: Task, log: Log): Promise<string> {
    const { payload } = this.#program
    this.#interpreter.task = task
    this.#bridge.start(log)
    await this.#seed()
    await this.#interpreter.give('load', payload)
    const ending = this.#bridge.takeEnding()
    if (ending === undefined) throw silent()
    if (!ending.ok) throw errorOfLoad(ending.json ?? '{}', this.#program)
    await this.#interpreter.reserve()
    this.#isLoaded = true
    return ending.json
  }

  /** Compiles the plugin and runs nothing of it; gives what the interpreter finds, as JSON. @throws BulkheadError `limit.*` */
  async check(task: Task): Promise<string> {
    this.#interpreter.task = task
    this.#bridge.start(() => undefined)
    await this.#interpreter.give('check', this.#program.payload)
    const ending = this.#bridge.takeEnding()
    if (ending?.ok !== true) throw silent()
    return ending.json
  }

  /** Holds the state after {@link load} for later copies, if another copy would have come out the same. */
  hold(): void {
    const { base } = this.#program
    if (this.#bridge.isMarked || !this.#bridge.isIdle) return
    this.#program.first = smaller(holdState(this.#interpreter), holdState(this.#interpreter, base.snapshot), base)
  }

  call(call: GuestCall): Awaitable<GuestResult> {
    if (this.#isDisposed) throw new TypeError('the copy is disposed')
    this.#interpreter.task = call.task
    this.#canReset = false
    this.#isRunning = true
    try {
      const running = this.#isLoaded && this.#isSeeded ? this.#invoke(call) : this.#prepareAndInvoke(call)
      if (running instanceof Promise) return this.#resultLater(call, running)
      const result = this.#resultOf(call)
      this.#over()
      return result
    } catch (thrown) {
      this.#over()
      throw thrown
    }
  }

  reset(): number | undefined {
    return this.#canReset && !this.#isDisposed ? this.#restore() : undefined
  }

  memoryBytes(): number {
    return this.#interpreter.memory.byteLength
  }

  /** The interpreter is dropped with its memory; freeing what is in it first would only take time. */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    this.#bridge.end()
    this.#interpreter.engine.drop([this.#interpreter.memory.memory], { isOver: !this.#isRunning })
  }

  async #prepareAndInvoke(call: GuestCall): Promise<void> {
    if (!this.#isLoaded) await this.load(call.task, (level, message) => call.log(level, message))
    await this.#seed()
    await this.#invoke(call)
  }

  #invoke(call: GuestCall): Awaitable<void> {
    this.#bridge.begin(call)
    return this.#interpreter.give('invoke', this.#request(call))
  }

  #resultOf({ action, output, task }: GuestCall): GuestResult {
    const ending = this.#bridge.takeEnding()
    if (task.ended !== undefined) throw task.ended
    if (ending === undefined) throw silent()
    if (!ending.ok) {
      throw ending.json === undefined ? this.#unknown(action) : errorOfFailure(ending.json, this.#program)
    }
    this.#canReset = !this.#interpreter.engine.hasLastingChange(task)
    return { output: outputOf(ending, output) }
  }

  async #resultLater(call: GuestCall, running: Promise<void>): Promise<GuestResult> {
    try {
      await running
      return this.#resultOf(call)
    } finally {
      this.#over()
    }
  }

  /** Whatever was entered has been waited for, also what trapped. */
  #over(): void {
    this.#bridge.end()
    this.#isRunning = false
  }

  async #seed(): Promise<void> {
    if (this.#isSeeded) return
    this.#isSeeded = true
    await this.#interpreter.reseed()
  }

  #request({ action, input }: GuestCall): Uint8Array {
    const { json, blobs } = input.kind === 'raw' ? { json: '{"$blob":0}', blobs: [input.bytes] } : input.payload
    const request = { json: `${this.#headOf(action)},"input":${json}}` }
    return packPayloadBytes(blobs === undefined ? request : { ...request, blobs })
  }

  /** A request's text up to its input. */
  #headOf(action: string): string {
    const { parameters } = this.#program
    if (this.#lastHead?.action === action && this.#lastHead.parameters === parameters) return this.#lastHead.text
    const text = JSON.stringify({ action, parameters: parameters[action] ?? null }).slice(0, -1)
    this.#lastHead = { action, parameters, text }
    return text
  }

  #unknown(action: string): BulkheadError {
    // The host knows of it, so the manifest declares it.
    return new BulkheadError('action.unknown', `${this.#program.name} has no action "${action.slice(0, 100)}"`, {
      hint: 'A manifest only declares an action: define a function of that name, or correct the name in the manifest.',
    })
  }

  #restore(options: { readonly isFresh?: boolean } = {}): number | undefined {
    const { first, base } = this.#program
    const state = first ?? base
    this.#bridge.forget()
    const bytes = this.#interpreter.engine.restore([this.#interpreter.instance], state.snapshot, options)
    if (bytes === undefined) return undefined
    this.#interpreter.block = state.block
    this.#isLoaded = first !== undefined
    this.#isSeeded = false
    return bytes
  }
}

/**
 * The one of two states that takes less to put back: by itself, or over the base state, which is put back with it. What an
 * interpreter needed only to load is gone by then.
 */
const smaller = (whole: HeldState | undefined, over: HeldState | undefined, base: HeldState): HeldState | undefined =>
  whole !== undefined && over !== undefined && whole.snapshot.bytes < base.snapshot.bytes + over.snapshot.bytes
    ? whole
    : over

const silent = (): BulkheadError => new BulkheadError('plugin.trap', 'the interpreter ended without an outcome')
