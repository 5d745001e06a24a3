// One running copy of an Extism plugin or WASI command: starts its modules up, runs one call at a time, and is put back to
// its first state.

import type {
  CompiledModule,
  Engine,
  GuestCall,
  GuestInstance,
  GuestResult,
  Snapshot,
  Task,
  WasmImportValue,
  WasmInstance,
} from '@bulkhead/cell'
import type { Awaitable, Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { checkAction, startUpExports } from './actions.ts'
import { inputBytes } from './call-bytes.ts'
import { readResult } from './call-result.ts'
import { CallState } from './call-state.ts'
import { Blocks } from './extism/blocks.ts'
import { makeExtismEnv } from './extism/env.ts'
import { GuestEntry } from './guest-entry.ts'
import { makeHostFunctions } from './host-functions.ts'
import { makeGuard } from './import-guard.ts'
import { mainModule, type NamedModule } from './link.ts'
import { instantiateModules, type LinkedModules } from './linked-modules.ts'
import type { Vars, VarStores } from './vars.ts'
import { StandardStreams } from './wasi/streams.ts'

/** What all instances of a plugin share. */
export interface GuestParts {
  readonly engine: Engine
  readonly limits: Limits
  readonly plan: readonly NamedModule[]
  readonly config: Readonly<Record<string, string>>
  /** Host functions that the modules import, by their dotted names. */
  readonly functions: readonly string[]
  readonly vars: VarStores
  /** Pages that an imported memory may have. */
  readonly memoryPages: number
}

/** The first state of a plugin's instances, once it is known. */
export interface FirstState {
  /** Held, to be put into instances; undefined when it cannot be held, or is not the same for all. */
  snapshot: Snapshot | undefined
  /** Whether anything of the guest runs before the first call. */
  readonly startsUp: boolean
}

/** See the file's head. */
export class ExtismInstance implements GuestInstance {
  readonly #parts: GuestParts
  readonly #state = new CallState()
  readonly #streams: StandardStreams
  readonly #blocks: Blocks
  readonly #entry: GuestEntry
  #modules: LinkedModules | undefined
  #first: FirstState | undefined
  /** Looked up when the guest first asks in a call. */
  #vars: Vars | undefined
  /** Of the call that runs, or ran last. */
  #contextKey = ''
  /** The action that was looked up last, and what it names. */
  #known: { readonly action: string; readonly exported: unknown } | undefined
  #ranStart = false
  /** About what its memories take of the machine's: the most that was ever written. */
  #residentBytes = 0
  /** Whether it can be put back to its first state. */
  #canReset = true
  /** Whether a call is under way: what it entered may be on a stack still, suspended. */
  #isRunning = false

  private constructor(parts: GuestParts) {
    this.#parts = parts
    this.#streams = new StandardStreams(this.#state)
    this.#entry = new GuestEntry(parts.engine, this.#state)
    this.#blocks = new Blocks({
      engine: parts.engine,
      maxBytes: parts.limits.memoryBytes,
      otherBytes: () => this.#modules?.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) ?? 0,
    })
  }

  /**
   * Makes an instance in its first state: from `first` where that is held, else by starting the guest up.
   * @throws BulkheadError what start-up code ends with
   */
  static async open(
    parts: GuestParts,
    task: Task,
    first?: FirstState,
  ): Promise<{ instance: ExtismInstance; first: FirstState }> {
    const instance = new ExtismInstance(parts)
    if (first?.snapshot !== undefined && (await instance.#copy(first))) return { instance, first }
    return { instance, first: await instance.#startUp(task) }
  }

  memoryBytes(): number {
    const own = this.#modules?.memories.reduce((sum, memory) => sum + memory.buffer.byteLength, 0) ?? 0
    return own + this.#blocks.memoryBytes
  }

  call(call: GuestCall): Awaitable<GuestResult> {
    // Before anything is written: the memories of one that is disposed may be somebody else's.
    const { main } = this.#linked()
    const exported = this.#exportedOf(call.action, main)
    const state = this.#state
    state.begin(call)
    this.#vars = undefined
    this.#contextKey = call.contextKey
    this.#blocks.reset()
    const input = inputBytes(call)
    this.#blocks.setInput(this.#blocks.store(input), input.length)
    state.stdin = input
    this.#canReset = false
    this.#isRunning = true
    try {
      const returned = this.#enterAction(call, main, exported)
      if (returned instanceof Promise) return this.#finishLater(call, returned)
      return this.#finish(call, returned)
    } catch (thrown) {
      throw this.#fail(call, thrown)
    }
  }

  async #finishLater(call: GuestCall, returned: Promise<unknown>): Promise<GuestResult> {
    try {
      return this.#finish(call, await returned)
    } catch (thrown) {
      throw this.#fail(call, thrown)
    }
  }

  #finish(call: GuestCall, returned: unknown): GuestResult {
    const result = readResult(call, returned, { blocks: this.#blocks, state: this.#state, limits: this.#parts.limits })
    this.#canReset = !this.#parts.engine.hasLastingChange(call.task)
    this.#end()
    return result
  }

  #fail(call: GuestCall, thrown: unknown): unknown {
    const error = this.#state.fatal ?? thrown
    this.#end()
    return this.#memoryFailure(error, call.task)
  }

  /** The call is over: whatever was entered has been waited for, also what trapped. */
  #end(): void {
    this.#streams.end()
    this.#state.begin(undefined)
    this.#isRunning = false
  }

  /** Enters what the action names; a module that has a start of its own runs that before its first action. */
  #enterAction({ action, task }: GuestCall, main: WasmInstance, exported: unknown): Awaitable<unknown> {
    const isCommand = action === '_start'
    this.#streams.capture = isCommand
    const start = isCommand || this.#ranStart ? undefined : main.exports._start
    this.#ranStart = true
    if (typeof start === 'function') return this.#startThenEnter(task, start, exported)
    return this.#entry.enter(task, exported, isCommand)
  }

  async #startThenEnter(task: Task, start: unknown, action: unknown): Promise<unknown> {
    await this.#entry.enter(task, start, true)
    return this.#entry.enter(task, action)
  }

  reset(): number | undefined {
    const snapshot = this.#first?.snapshot
    if (!this.#canReset || snapshot === undefined) return undefined
    const wiped = this.#blocks.wipe()
    if (wiped === undefined) return undefined
    const bytes = this.#parts.engine.restore(this.#linked().all, snapshot)
    if (bytes === undefined) return undefined
    this.#residentBytes = Math.max(this.#residentBytes, bytes)
    this.#ranStart = false
    return this.#residentBytes + wiped
  }

  [Symbol.dispose](): void {
    if (this.#modules === undefined) return
    const memories = [...this.#modules.memories, this.#blocks.memory]
    // Whoever still holds on to this one must not hold on to its memories by a function.
    this.#modules = this.#known = undefined
    this.#parts.engine.drop(memories, { isOver: !this.#isRunning })
  }

  /** @throws BulkheadError `artifact.export-missing` */
  #exportedOf(action: string, main: WasmInstance): unknown {
    if (this.#known?.action !== action) {
      checkAction(this.#mainModule(), action)
      this.#known = { action, exported: main.exports[action] }
    }
    return this.#known.exported
  }

  #linked(): LinkedModules {
    if (this.#modules === undefined) throw new TypeError('the instance was not opened, or is disposed')
    return this.#modules
  }

  #mainModule(): CompiledModule {
    const main = this.#parts.plan.find(({ name }) => name === mainModule)
    if (main === undefined) throw new TypeError('a plan always has the main module')
    return main.compiled
  }

  /** Instantiates the modules; see {@link instantiateModules}. */
  async #link(entered?: (start: unknown) => Awaitable<unknown>): Promise<LinkedModules> {
    const { engine, config, functions, plan, limits, memoryPages } = this.#parts
    const state = this.#state
    const guard = makeGuard(state, engine)
    const vars = (): Vars => (this.#vars ??= this.#parts.vars.of(this.#contextKey))
    const host = (): Record<string, WasmImportValue> =>
      makeHostFunctions(functions, { blocks: this.#blocks, state, guard })
    this.#modules = await instantiateModules(
      {
        engine,
        plan,
        guard,
        state,
        streams: this.#streams,
        outputBytes: limits.outputBytes,
        memoryPages,
        blocks: this.#blocks.registers,
        shared: {
          'extism:host/env': () => makeExtismEnv({ blocks: this.#blocks, state, guard, config, vars }),
          'extism:host/user': host,
          'bulkhead:host': host,
        },
      },
      entered,
    )
    return this.#modules
  }

  async #copy(first: FirstState): Promise<boolean> {
    const { all } = await this.#link()
    this.#first = first
    // Where nothing runs at the start, a new instance is in its first state, and writing to its memory would only take it up.
    if (!first.startsUp) return true
    const { snapshot } = first
    return snapshot !== undefined && this.#parts.engine.restore(all, snapshot, { isFresh: true }) !== undefined
  }

  /** Runs start sections and start-up exports, and holds the state after them if it is the same for everybody. */
  async #startUp(task: Task): Promise<FirstState> {
    const state = this.#state
    const { engine } = this.#parts
    let startsUp = false
    const enter = (exported: unknown): Awaitable<unknown> => {
      startsUp = true
      return this.#entry.enter(task, exported)
    }
    state.isStarting = true
    state.task = task
    try {
      const linked = await this.#link(enter)
      for (const instance of linked.all) {
        const [initialize, constructors, haskell] = startUpExports.map((name) => instance.exports[name])
        const isCommand = typeof instance.exports._start === 'function'
        const first = typeof initialize === 'function' ? initialize : isCommand ? undefined : constructors
        if (typeof first === 'function') await enter(first)
        if (typeof haskell === 'function') await enter(haskell)
      }
      const snapshot = state.askedAtStart ? undefined : engine.capture(task, linked.all)
      this.#first = { snapshot, startsUp }
      return this.#first
    } catch (thrown) {
      throw this.#memoryFailure(thrown, task)
    } finally {
      state.isStarting = false
      state.task = undefined
    }
  }

  /** A guest that fails after it was refused memory failed of that: out-of-memory shows as a trap, an abort or an exit. */
  #memoryFailure(thrown: unknown, task: Task): unknown {
    if (!(thrown instanceof BulkheadError) || !thrown.code.startsWith('plugin.')) return thrown
    if (thrown.id !== undefined || !this.#parts.engine.takeMemoryDenial(task)) return thrown
    const { memoryBytes } = this.#parts.limits
    return new BulkheadError(
      'limit.memory',
      `the plugin failed after it was refused memory beyond its limit of ${memoryBytes} bytes: ${thrown.message}`,
      { cause: thrown },
    )
  }
}
