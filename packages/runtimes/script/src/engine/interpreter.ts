// One QuickJS, from compiled module to context: a memory of its own whose maximum the JavaScript engine enforces, the
// emscripten glue around it, and nothing of the host's. It runs no plugin code.

import { BulkheadError } from '@bulkhead/kernel/wire'
import type { CompiledModule, Engine, Task, WasmImports, WasmInstance, WasmMemory } from '@bulkhead/cell'
import { type Entries, type Exports, makeEntries } from './entries.ts'
import { minimumPages } from './minimum-pages.ts'
import variantModule from '@jitl/quickjs-wasmfile-release-sync'
import glueModule from '@jitl/quickjs-wasmfile-release-sync/emscripten-module'
import {
  newQuickJSWASMModuleFromVariant,
  type QuickJSContext,
  type QuickJSRuntime,
  type QuickJSSyncVariant,
} from 'quickjs-emscripten-core'

/** What the prebuilt module's memory import declares as its maximum. */
const declaredMaximumPages = 32_768
/** Stack of the interpreter: about 1,500 plain calls; more would overflow the engine's own stack before this bound. */
const maxStackBytes = 256 * 1024
/** Left free when something is put into the guest's memory. */
const slackBytes = 64 * 1024

// Their declarations are those of CommonJS modules; what an ES module imports is the default export itself.
const variant = variantModule as unknown as QuickJSSyncVariant
const loadGlue = glueModule as unknown as EmscriptenLoader

type EmscriptenLoader = Extract<
  Awaited<ReturnType<QuickJSSyncVariant['importModuleLoader']>>,
  (...args: never[]) => unknown
>
type Glue = Awaited<ReturnType<EmscriptenLoader>>

/**
 * A fresh interpreter. After an abort its state is unknown: it is dropped then, never re-used. Whoever calls its context
 * enters guest code and does so within `engine.use`; the entries do that by themselves.
 */
export interface Interpreter extends Entries {
  readonly runtime: QuickJSRuntime
  readonly context: QuickJSContext
  readonly memory: WasmMemory
  readonly instance: WasmInstance
  /** Whether the memory was ever asked to grow beyond its maximum. */
  readonly isExhausted: boolean
  /** Whether the clock was read since this was last asked. */
  takeClockRead(): boolean
  /**
   * Ends the guest at once: the running call of a native function, and any later one, unwinds the interpreter with
   * `error`, which guest code cannot catch. The interpreter is dead after it.
   */
  stop(error: Error): void
  /** @throws BulkheadError `limit.memory` when the guest's memory cannot take so many more bytes */
  makeRoom(bytes: number): void
}

/** Opens an interpreter. @throws BulkheadError `limit.memory`, or what instantiating raises */
export const openInterpreter = (
  engine: Engine,
  compiled: CompiledModule,
  { task, pages = minimumPages }: { readonly task: Task; readonly pages?: number },
): Promise<Interpreter> => engine.use(task, () => open(engine, compiled, pages))

const open = async (engine: Engine, compiled: CompiledModule, pages: number): Promise<Interpreter> => {
  const memory = engine.memory(pages, declaredMaximumPages)
  const state: GuestState = { isExhausted: false, readClock: false, stopped: undefined, instance: undefined }
  watchGrowth(memory, state)
  let glue: Glue | undefined
  const contained: QuickJSSyncVariant = {
    type: 'sync',
    importFFI: variant.importFFI,
    importModuleLoader: async () => async () => {
      glue = await loadGlue(glueOptions({ engine, compiled, memory, state }) as never)
      return glue
    },
  }
  const module = await newQuickJSWASMModuleFromVariant(contained)
  const runtime = module.newRuntime({ maxStackSizeBytes: maxStackBytes })
  const context = runtime.newContext()
  const { instance } = state
  if (glue === undefined || instance === undefined) throw new TypeError('the glue instantiates the interpreter')
  return {
    runtime,
    context,
    memory,
    instance,
    ...makeEntries(engine, { glue: glue as unknown as Exports, context, memory }),
    get isExhausted() {
      return state.isExhausted
    },
    takeClockRead: () => {
      const { readClock } = state
      state.readClock = false
      return readClock
    },
    stop: (error) => {
      state.stopped ??= error
    },
    makeRoom: (bytes) => {
      // The glue writes to whatever malloc returns, the null pointer included: ask first.
      const pointer = glue?._malloc(bytes + slackBytes) ?? 0
      if (pointer === 0) {
        throw new BulkheadError('limit.memory', `the plugin's memory cannot take ${bytes} more bytes`)
      }
      glue?._free(pointer as never)
    },
  }
}

interface GuestState {
  isExhausted: boolean
  readClock: boolean
  stopped: Error | undefined
  instance: WasmInstance | undefined
}

/** The glue grows the memory through this object: a refusal is noted, for what the guest makes of it may not tell. */
const watchGrowth = (memory: WasmMemory, state: GuestState): void => {
  const grow = memory.grow.bind(memory)
  Object.defineProperty(memory, 'grow', {
    value: (pages: number) => {
      try {
        return grow(pages)
      } catch (thrown) {
        state.isExhausted = true
        throw thrown
      }
    },
  })
}

/** What the glue is told: our memory, our way to instantiate, and no console. */
const glueOptions = (given: { engine: Engine; compiled: CompiledModule; memory: WasmMemory; state: GuestState }) => ({
  wasmMemory: given.memory,
  noExitRuntime: true,
  print: () => undefined,
  printErr: () => undefined,
  instantiateWasm: (imports: WasmImports, ready: (instance: unknown) => void) => {
    const instance = given.engine.instantiate(given.compiled, guardImports(imports, given))
    given.state.instance = instance
    ready(instance)
    return instance.exports
  },
})

/** QuickJS polls for interrupts now and then only; an exception out of an import unwinds it at once. */
const guardImports = (imports: WasmImports, given: { engine: Engine; state: GuestState }): WasmImports =>
  Object.fromEntries(
    Object.entries(imports).map(([module, members]) => [
      module,
      Object.fromEntries(
        Object.entries(members).map(([name, member]) => [
          name,
          typeof member === 'function' ? guard(member as (...args: unknown[]) => unknown, given) : member,
        ]),
      ),
    ]),
  )

const guard = (run: (...args: unknown[]) => unknown, { engine, state }: { engine: Engine; state: GuestState }) => {
  const isClock = readsClock(run)
  return (...args: unknown[]): unknown => {
    if (isClock) state.readClock = true
    // The glue and the bridge call back into the guest: not to be paused there.
    const result = engine.nested(() => run(...args))
    if (state.stopped !== undefined) throw state.stopped
    return result
  }
}

/** The glue's imports have names of one letter; its clocks can be told by what they do. A test counts them. */
export const readsClock = (run: (...args: unknown[]) => unknown): boolean =>
  /\bDate\b|\bperformance\b/.test(Function.prototype.toString.call(run))
