// One running copy of a script plugin, for the cell: it is opened in the plugin's first state, runs calls, and can be put
// back. It carries host calls and timers in and out. It decides nothing.

import { errorOfFailure, type ExplainMissed, parseActionList, parseDescription } from '@bulkhead/bundle/answers'
import type { GuestCall, GuestInstance, GuestResult, Task } from '@bulkhead/cell'
import type { ActionSpec, Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { BaseState } from './base-state.ts'
import type { Log } from '../calls/log-lines.ts'
import { outputOf } from '../calls/output.ts'
import { Bridge } from './bridge.ts'
import { Copy } from './copy.ts'
import { evaluate, type FirstState, holdFirstState, type Source } from './first-state.ts'
import { Interpreter, type InterpreterSource } from './interpreter.ts'

/** What every copy of a plugin is made from. */
export interface Program extends Source {
  readonly name: string
  /** JSON. */
  readonly config: string
  readonly limits: Limits
  readonly explain: ExplainMissed
  readonly interpreter: InterpreterSource
  readonly base: BaseState
  /** Undefined until the module was evaluated, and where each copy evaluates it anew. */
  first: FirstState | undefined
}

/** See the file's head. Open one with {@link Sandbox.open}. */
export class Sandbox implements GuestInstance {
  readonly #program: Program
  readonly #copy: Copy
  #isEvaluated = false
  #canReset = true
  /** Whether a call is under way: what it entered may be on a stack still, suspended. */
  #isRunning = false
  /** Its memory may be another's. */
  #isDisposed = false

  private constructor(program: Program, task: Task) {
    const { limits, config, first, base, positions } = program
    const interpreter = new Interpreter(program.interpreter, { task, pages: (first ?? base).pages })
    interpreter.places = base.places
    this.#program = program
    this.#copy = new Copy(interpreter, new Bridge(interpreter, { limits, config }), positions)
  }

  /**
   * Opens a copy in the plugin's first state, or in the base state where the module has to be evaluated anew: that is then
   * done with its first call. @throws BulkheadError `limit.memory`
   */
  static open(program: Program, task: Task): Sandbox {
    const sandbox = new Sandbox(program, task)
    if (sandbox.#restore({ isFresh: true }) === undefined) {
      throw new BulkheadError('host.internal', 'the state of the JavaScript interpreter cannot be put back')
    }
    return sandbox
  }

  /** Evaluates the module, if it is not. @throws BulkheadError `artifact.compile`, `limit.*`, `plugin.*` */
  async evaluate(task: Task, log: Log): Promise<void> {
    if (this.#isEvaluated) return
    this.#copy.interpreter.task = task
    this.#copy.bridge.start(log)
    await evaluate(this.#copy, this.#program, task)
    this.#isEvaluated = true
  }

  /** Holds the state after {@link evaluate} for later copies, where that may be. */
  hold(): void {
    this.#program.first = holdFirstState(this.#copy, this.#program.base.snapshot)
  }

  /** What the plugin says of its actions. @throws BulkheadError */
  async actions(): Promise<Readonly<Record<string, ActionSpec>>> {
    const list = await this.#copy.prelude('describe')
    return parseActionList(this.#copy.interpreter.memory.text(list))
  }

  async call(call: GuestCall): Promise<GuestResult> {
    if (this.#isDisposed) throw new TypeError('the copy is disposed')
    const { interpreter, bridge } = this.#copy
    const { task, input, action } = call
    interpreter.task = task
    this.#canReset = false
    this.#isRunning = true
    try {
      await this.evaluate(task, (level, message) => call.log(level, message))
      const { json, blobs = [] } = input.kind === 'raw' ? { json: '{"$blob":0}', blobs: [input.bytes] } : input.payload
      bridge.begin(call)
      bridge.mail.enclose([action, json, ...blobs], blobs.length)
      const known = await this.#copy.prelude('invoke')
      if (!interpreter.memory.isTrue(known)) {
        // The host knows of it, so the manifest declares it.
        throw new BulkheadError('action.unknown', `${this.#program.name} exports no action "${action.slice(0, 100)}"`, {
          hint: 'A manifest only declares an action: export a function of that name, or correct the name in the manifest.',
        })
      }
      interpreter.release(known)
      const outcome = await this.#copy.drive(task, () => bridge.outcome)
      if (!outcome.ok)
        throw errorOfFailure(parseDescription(outcome.json), this.#program.positions, this.#program.explain)
      this.#canReset = !interpreter.engine.hasLastingChange(task)
      return { output: outputOf(outcome, call.output) }
    } finally {
      bridge.end()
      // Whatever was entered has been waited for, also what trapped.
      this.#isRunning = false
    }
  }

  reset(): number | undefined {
    return this.#canReset && !this.#isDisposed ? this.#restore() : undefined
  }

  memoryBytes(): number {
    return this.#copy.interpreter.memory.byteLength
  }

  /** The interpreter is dropped with its memory; freeing what is in it first would only take time. */
  [Symbol.dispose](): void {
    if (this.#isDisposed) return
    this.#isDisposed = true
    const { interpreter, bridge } = this.#copy
    bridge.end()
    interpreter.engine.drop([interpreter.memory.memory], { isOver: !this.#isRunning })
  }

  #restore(options: { readonly isFresh?: boolean } = {}): number | undefined {
    const { interpreter, bridge } = this.#copy
    const { first, base } = this.#program
    bridge.forget()
    const bytes = interpreter.engine.restore([interpreter.instance], (first ?? base).snapshot, options)
    if (bytes === undefined) return undefined
    interpreter.reseed()
    this.#isEvaluated = first !== undefined
    return bytes
  }
}
