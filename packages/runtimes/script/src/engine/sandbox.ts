// One running copy of a script plugin: a fresh interpreter with the prelude and the plugin's module in it. It carries
// host calls and timers in and out, and keeps what the guest makes the cell hold within bounds. It decides nothing.

import type { Engine, GuestCall, GuestInstance, GuestResult, Snapshot, Task } from '@bulkhead/cell'
import type { ActionSpec, Limits, LogLevel } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { QuickJSHandle } from 'quickjs-emscripten-core'
import { preludeSource } from '../generated/guest.ts'
import { parseActionList } from './action-list.ts'
import { Bridge } from './bridge.ts'
import { errorOfFailure, errorOfLoad, type FailureDescription, parseDescription } from './guest-failure.ts'
import { pointerOf } from './entries.ts'
import type { Interpreter } from './interpreter.ts'
import { type Positions, pluginFileName } from './positions.ts'
import { outputOf } from './output.ts'
import { callGuest, exactBuffer, payloadSize } from './transfer.ts'

/** What every copy of a plugin is made from. */
export interface Program {
  readonly name: string
  readonly code: string
  /** JSON for the prelude: areas, functions, config. */
  readonly settings: string
  readonly limits: Limits
  readonly positions: Positions
  readonly engine: Engine
  /** `pages` that its memory has at first; the least that will do when absent. */
  open(task: Task, pages?: number): Promise<Interpreter>
  log(level: LogLevel, message: string): void
  /** The state of a copy whose module was evaluated, once there is one that may serve for all. */
  first: FirstState | undefined
}

/** The state after the plugin's module was evaluated, and where in it the things are that lead into it. */
export interface FirstState {
  readonly snapshot: Snapshot
  readonly pages: number
  readonly pointers: Readonly<Record<keyof Places, number>>
}

/** What leads into a copy. */
interface Places {
  readonly prelude: QuickJSHandle
  readonly invoke: QuickJSHandle
  readonly namespace: QuickJSHandle
  readonly lengthOfBuffer: QuickJSHandle
}

const pageBytes = 65_536

/** See the file's head. Open one with {@link Sandbox.open}. */
export class Sandbox implements GuestInstance {
  readonly #program: Program
  readonly #interpreter: Interpreter
  readonly #bridge: Bridge
  readonly #places: Places
  #canReset = false

  private constructor(program: Program, opened: { interpreter: Interpreter; bridge: Bridge; places: Places }) {
    this.#program = program
    this.#interpreter = opened.interpreter
    this.#bridge = opened.bridge
    this.#places = opened.places
  }

  /**
   * Opens a copy in its first state: the plugin's module is evaluated, or the state after that is copied where it is the
   * same for all. @throws BulkheadError `artifact.compile`, `limit.*`, `plugin.*`
   */
  static async open(program: Program, task: Task): Promise<Sandbox> {
    const { first, engine } = program
    const interpreter = await program.open(task, first?.pages)
    const bridge = new Bridge(interpreter, {
      limits: program.limits,
      after: (ms, run) => engine.after(ms, run),
      classify: (thrown) => engine.classify(thrown),
      log: (level, message) => program.log(level, message),
    })
    try {
      const natives = await engine.use(task, () => bridge.makeGuestObject())
      if (first !== undefined && engine.restore([interpreter.instance], first.snapshot) !== undefined) {
        const places = placesAt(interpreter, first.pointers)
        bridge.values.lengthOfBuffer = places.lengthOfBuffer
        return new Sandbox(program, { interpreter, bridge, places })
      }
      return await evaluate(program, task, { interpreter, bridge, natives })
    } catch (thrown) {
      bridge.close()
      throw thrown
    }
  }

  /** Wraps a copy whose module was evaluated. */
  static of(program: Program, opened: { interpreter: Interpreter; bridge: Bridge; places: Places }): Sandbox {
    return new Sandbox(program, opened)
  }

  /** What the plugin says of its actions. @throws BulkheadError */
  async actions(task: Task): Promise<Readonly<Record<string, ActionSpec>>> {
    const { context } = this.#interpreter
    const { prelude, namespace } = this.#places
    const { engine, positions } = this.#program
    const list = await engine.use(task, () => context.callMethod(prelude, 'describe', [namespace]))
    if (list.error !== undefined) throw errorOfLoad(await describe(this.#inside, task, list.error), positions)
    const text = list.value
    return parseActionList(await engine.use(task, () => context.getString(text)))
  }

  async call(call: GuestCall): Promise<GuestResult> {
    const { engine } = this.#program
    const { task } = call
    this.#bridge.begin(call)
    this.#canReset = false
    try {
      const args = await engine.use(task, () => this.#argumentsOf(call))
      const { invoke, prelude } = this.#places
      const started = await entered(this.#bridge, () =>
        this.#interpreter.call(task, { fn: invoke, self: prelude }, args),
      )
      if (started.error !== undefined) throw await failure(this.#inside, task, started.error)
      const { value } = started
      if (!(await engine.use(task, () => takeBoolean(this.#interpreter, value)))) {
        throw new BulkheadError('action.unknown', `${this.#program.name} has no action "${call.action.slice(0, 100)}"`)
      }
      const outcome = await drive(this.#inside, task, () => this.#bridge.outcome)
      this.#canReset = true
      if (outcome.ok) return { output: outputOf(outcome, call.output) }
      throw errorOfFailure(parseDescription(outcome.json), this.#program.positions)
    } finally {
      this.#bridge.end()
    }
  }

  reset(): number | undefined {
    const { first, engine } = this.#program
    if (!this.#canReset || first === undefined || this.#interpreter.isExhausted) return undefined
    if (this.#bridge.fatal !== undefined || !isAt(this.#places, first.pointers)) return undefined
    return engine.restore([this.#interpreter.instance], first.snapshot)
  }

  memoryBytes(): number {
    return this.#interpreter.memory.buffer.byteLength
  }

  /** The interpreter is dropped with its memory; freeing what is in it first would only take time. */
  [Symbol.dispose](): void {
    this.#bridge.close()
  }

  get #inside(): Inside {
    return {
      program: this.#program,
      interpreter: this.#interpreter,
      bridge: this.#bridge,
      prelude: this.#places.prelude,
    }
  }

  /** What `invoke` takes; see guest/prelude.ts. */
  #argumentsOf(call: GuestCall): QuickJSHandle[] {
    const { context, makeRoom } = this.#interpreter
    const payload = call.input.kind === 'raw' ? { json: '{"$blob":0}', blobs: [call.input.bytes] } : call.input.payload
    makeRoom(payloadSize(payload.json, payload.blobs))
    const blobs = (payload.blobs ?? []).map((blob) => context.newArrayBuffer(exactBuffer(blob)))
    return [this.#places.namespace.dup(), context.newString(call.action), context.newString(payload.json), ...blobs]
  }
}

/** A copy from inside, for what is done before it is a {@link Sandbox} as well. */
interface Inside {
  readonly program: Program
  readonly interpreter: Interpreter
  readonly bridge: Bridge
  readonly prelude: QuickJSHandle
}

/** Boots the prelude, evaluates the module, and holds the state after that if it may serve for all. */
const evaluate = async (
  program: Program,
  task: Task,
  { interpreter, bridge, natives }: { interpreter: Interpreter; bridge: Bridge; natives: QuickJSHandle },
): Promise<Sandbox> => {
  const { engine } = program
  const { context, makeRoom } = interpreter
  const lengthOfBuffer = await engine.use(task, () => bridge.readLengthOfBuffer())
  bridge.values.lengthOfBuffer = lengthOfBuffer
  const prelude = await engine.use(task, () => {
    const boot = context.unwrapResult(
      context.evalCode(preludeSource, 'bulkhead:prelude', { type: 'global', strict: true }),
    )
    const settings = context.newString(program.settings)
    return context.unwrapResult(context.callFunction(boot, context.undefined, [natives, settings]))
  })
  const inside: Inside = { program, interpreter, bridge, prelude }
  const invoke = await engine.use(task, () => context.getProp(prelude, 'invoke'))
  await engine.use(task, () => makeRoom(program.code.length * 3))
  interpreter.takeClockRead()
  const evaluated = await entered(bridge, () => interpreter.evaluateModule(task, program.code, pluginFileName))
  if (evaluated.error !== undefined) throw errorOfLoad(await describe(inside, task, evaluated.error), program.positions)
  const promise = evaluated.value
  const state = await drive(inside, task, async () => {
    const now = await engine.use(task, () => context.getPromiseState(promise))
    return now.type === 'pending' ? undefined : now
  })
  if (state.type === 'rejected')
    throw errorOfLoad(await describe(inside, task, state.error as never), program.positions)
  const places: Places = { prelude, invoke, namespace: state.value, lengthOfBuffer }
  const isForAll = !interpreter.takeClockRead() && !bridge.drewEntropy && bridge.isIdle && !bridge.hasOutside
  if (program.first === undefined && isForAll) {
    const snapshot = engine.capture(task, [interpreter.instance])
    const pages = interpreter.memory.buffer.byteLength / pageBytes
    if (snapshot !== undefined) program.first = { snapshot, pages, pointers: pointersOf(places) }
  }
  return Sandbox.of(program, { interpreter, bridge, places })
}

const pointersOf = (places: Places): FirstState['pointers'] => ({
  prelude: pointerOf(places.prelude),
  invoke: pointerOf(places.invoke),
  namespace: pointerOf(places.namespace),
  lengthOfBuffer: pointerOf(places.lengthOfBuffer),
})

const isAt = (places: Places, pointers: FirstState['pointers']): boolean => {
  const own = pointersOf(places)
  return (Object.keys(own) as (keyof Places)[]).every((name) => own[name] === pointers[name])
}

const placesAt = (interpreter: Interpreter, pointers: FirstState['pointers']): Places => ({
  prelude: interpreter.handleAt(pointers.prelude),
  invoke: interpreter.handleAt(pointers.invoke),
  namespace: interpreter.handleAt(pointers.namespace),
  lengthOfBuffer: interpreter.handleAt(pointers.lengthOfBuffer),
})

/** A kept copy would collect handles that nobody gives up. */
const takeBoolean = ({ context }: Interpreter, handle: QuickJSHandle): boolean => {
  const value: unknown = context.dump(handle)
  handle.dispose()
  return value !== false
}

/** A bound that the guest passed wins over whatever it made of that. */
const entered = async <T>(bridge: Bridge, enter: () => Promise<T>): Promise<T> => {
  let result: T
  try {
    result = await enter()
  } catch (thrown) {
    throw bridge.fatal ?? thrown
  }
  if (bridge.fatal !== undefined) throw bridge.fatal
  return result
}

/** Runs jobs and answers until `outcome` has one. @throws BulkheadError when the guest waits for nothing */
const drive = async <T>(
  inside: Inside,
  task: Task,
  outcome: () => T | undefined | Promise<T | undefined>,
): Promise<T> => {
  const { program, interpreter, bridge, prelude } = inside
  for (;;) {
    await entered(bridge, async () => {
      if (bridge.hasArrived) await program.engine.use(task, () => bridge.deliver(prelude))
      const jobs = await interpreter.runJobs(task)
      if (jobs !== undefined) throw await failure(inside, task, jobs)
    })
    const reached = await outcome()
    if (reached !== undefined) return reached
    if (bridge.isIdle) {
      // An error for which there was no memory left is lost on its way to the promise.
      if (interpreter.isExhausted) throw outOfMemory()
      throw new BulkheadError('plugin.failed', 'the plugin waits for a promise that nothing will settle', {
        hint: 'Await only host calls, timers and promises that your own code resolves.',
        details: { name: 'NeverSettles' },
      })
    }
    await (bridge.waitsForHost ? program.engine.waitFor(task, bridge.arrival()) : bridge.arrival())
    if (task.ended !== undefined) throw task.ended
  }
}

const failure = async (inside: Inside, task: Task, error: QuickJSHandle): Promise<BulkheadError> =>
  errorOfFailure(await describe(inside, task, error), inside.program.positions)

const describe = (
  { program, interpreter, prelude }: Inside,
  task: Task,
  error: QuickJSHandle,
): Promise<FailureDescription> =>
  program.engine.use(task, () => {
    const { context } = interpreter
    const described = callGuest(context, prelude, 'describeFailure', [error])
    // Nothing could be said of it: with the memory used up, even a short text has no room.
    if (described.error !== undefined) throw outOfMemory()
    return parseDescription(context.getString(described.value))
  })

const outOfMemory = (): BulkheadError => new BulkheadError('limit.memory', 'the plugin ran out of its memory limit')
