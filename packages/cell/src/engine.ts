// The only way to WebAssembly for drivers: every module passes the meter before it is compiled, guest code runs only for a
// task that the scheduler knows, and whatever a guest throws comes back as a typed error. It makes no decision.

import type { Awaitable, Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { BlockRegisters, CompiledModule, CompileOptions, Engine, MeteredFacts } from './driver.ts'
import { Entrances } from './entrance.ts'
import type { MemoryStock } from './memory-stock.ts'
import type { ModuleStore, RewriteOptions } from './module-store.ts'
import { type Registers, registerImports, registersNamespace } from './registers.ts'
import type { Scheduler } from './scheduler.ts'
import { clear, StateImage } from './state-image.ts'
import { type CellTask, stateBits } from './task.ts'
import { classifyThrown } from './trap.ts'
import type { Timers } from './timers.ts'
import {
  type WasmGlobal,
  type WasmImports,
  type WasmImportValue,
  type WasmInstance,
  type WasmMemory,
  webAssembly,
} from './web-assembly.ts'

/** Bytes of a page of linear memory (WebAssembly core specification, 4.2.8). */
export const pageBytes = 65_536
/** Pages that a memory with addresses of 32 bits has at most (WebAssembly core specification, 3.2.5). */
const mostPages = 65_536

/** What the engines of one thread share. */
export interface EngineParts {
  readonly registers: Registers
  readonly scheduler: Scheduler
  readonly timers: Timers
  readonly modules: ModuleStore
  readonly memories: MemoryStock
}

/** What of an artifact an engine goes by. */
export interface EngineOptions {
  readonly limits: Pick<Limits, 'memoryBytes' | 'fuel'>
  /** The operator's switches. */
  readonly features?: { readonly gc?: boolean; readonly threads?: boolean; readonly memory64?: boolean }
}

interface Held {
  readonly memories: readonly WasmMemory[]
  /** Undefined when a global cannot be read. */
  readonly globals: readonly WasmGlobal[] | undefined
}

/** Makes the engine for one artifact. @throws BulkheadError `runtime.missing` where the engine cannot suspend (JSPI) */
export const makeEngine = (parts: EngineParts, options: EngineOptions): Engine => {
  if (typeof webAssembly.Suspending !== 'function' || typeof webAssembly.promising !== 'function') {
    throw new BulkheadError('runtime.missing', 'this JavaScript engine cannot suspend WebAssembly (JSPI)', {
      hint: 'Use Node 24 or later.',
    })
  }
  const { registers, scheduler, timers, memories: stock } = parts
  const { limits } = options
  const held = new WeakMap<WasmInstance, Held>()
  const entrances = new Entrances(registers)
  const registersOf = registerImports(registers, {
    interrupt: scheduler.interrupt,
    pause: new webAssembly.Suspending(scheduler.pause),
  })

  const instantiate = (compiled: CompiledModule, imports: WasmImports, blocks?: BlockRegisters): WasmInstance => {
    const { metered } = compiled
    const own: Record<string, WasmImportValue> = { ...registersOf }
    if (blocks !== undefined) {
      own['blocks'] = blocks.memory
      own['input-offset'] = blocks.inputOffset
      own['input-length'] = blocks.inputLength
      own['blocks-end'] = blocks.end
    }
    const memories = metered.memories.map((memory) => {
      if (!memory.own) return imports[memory.from.module]?.[memory.from.name] as WasmMemory
      const made = makeMemory(memory, stock)
      own[memory.from.name] = made
      return made
    })
    try {
      const instance = new webAssembly.Instance(compiled.module, withRegisters(imports, own))
      held.set(instance, { memories, globals: globalsOf(metered, instance) })
      return instance
    } catch (thrown) {
      throw classifyThrown(thrown)
    }
  }

  const ended = (task: CellTask, thrown: unknown): BulkheadError => task.ended ?? classifyThrown(thrown)

  /** Enters for a task that has the thread, and gives it back. */
  const enterNow = (task: CellTask, exported: unknown, args: readonly (number | bigint)[]): Awaitable<unknown> => {
    let returned: Awaitable<unknown>
    try {
      if (task.ended !== undefined) throw task.ended
      returned = entrances.of(exported).enter(args)
    } catch (thrown) {
      scheduler.release(task)
      throw ended(task, thrown)
    }
    if (returned instanceof Promise) return finishLater(task, returned)
    scheduler.release(task)
    return returned
  }

  const finishLater = async (task: CellTask, running: Promise<unknown>): Promise<unknown> => {
    try {
      return await running
    } catch (thrown) {
      throw ended(task, thrown)
    } finally {
      scheduler.release(task)
    }
  }

  const enterInTurn = async (
    task: CellTask,
    exported: unknown,
    args: readonly (number | bigint)[],
  ): Promise<unknown> => {
    await scheduler.acquire(task)
    return enterNow(task, exported, args)
  }

  return {
    compile: (bytes, what, given = {}) => compileModule(parts, { bytes, what, given, options }),
    instantiate,
    startOf: ({ metered }, instance) =>
      metered.startExport === undefined ? undefined : instance.exports[metered.startExport],
    memoriesOf: (instance) => held.get(instance)?.memories ?? [],
    enter: (given, exported, ...args) => {
      const task = given as CellTask
      return scheduler.tryAcquire(task) ? enterNow(task, exported, args) : enterInTurn(task, exported, args)
    },
    use: async (given, run) => {
      const task = given as CellTask
      await scheduler.acquire(task)
      try {
        if (task.ended !== undefined) throw task.ended
        const result = scheduler.nested(run)
        return result instanceof Promise ? await scheduler.nestedAsync(result) : result
      } catch (thrown) {
        throw ended(task, thrown)
      } finally {
        scheduler.release(task)
      }
    },
    nested: (run) => scheduler.nested(run),
    waitFor: async (given, answer) => {
      const task = given as CellTask
      const sinceMs = performance.now()
      try {
        return await answer
      } finally {
        task.wallDeadlineMs += performance.now() - sinceMs
      }
    },
    suspending: (run, { isGuestTime = false } = {}) =>
      new webAssembly.Suspending((...args: never[]) => scheduler.wait(() => run(...args), isGuestTime)),
    end: (given, error) => {
      const task = given as CellTask
      task.end(error)
      if (scheduler.current === task) registers.state.value = Number(registers.state.value) | stateBits.dead
    },
    memory: (minPages, maxPages) => {
      const most = Math.min(maxPages, mostPages, Math.floor(limits.memoryBytes / pageBytes))
      if (minPages > most) {
        const needed = minPages * pageBytes
        throw new BulkheadError(
          'limit.memory',
          `the plugin needs ${needed} bytes of memory; its limit is ${limits.memoryBytes}`,
        )
      }
      return stock.make({ min: minPages, max: most })
    },
    drop: (memories, { isOver }) => {
      // All or none: a small memory that is kept would hold on to a large one through the instance that used both.
      const canServe = isOver && memories.every((memory) => stock.canServe(memory))
      for (const memory of memories) stock.drop(memory, canServe)
    },
    wipe: ({ buffer }) => clear(new Uint8Array(buffer), 0, buffer.byteLength),
    global64: (value) => new webAssembly.Global({ value: 'i64', mutable: true }, value),
    capture: (given, instances, base) => {
      if (changed(given as CellTask)) return undefined
      const state = stateOf(held, instances)
      return state === undefined ? undefined : new StateImage(state.memories, state.globals, base as StateImage)
    },
    restore: (instances, snapshot, { isFresh = false } = {}) => {
      const state = stateOf(held, instances)
      return state === undefined ? undefined : (snapshot as StateImage).restore(state.memories, state.globals, isFresh)
    },
    takeMemoryDenial: (given) => takeBit(given as CellTask, stateBits.growthRefused),
    hasLastingChange: (given) => changed(given as CellTask),
    after: (ms, run) => timers.after(ms, run),
    classify: (thrown): BulkheadError => classifyThrown(thrown),
  }

  /** The bits of the task that runs are in the register. */
  function bitsOf(task: CellTask): number {
    return scheduler.current === task ? task.state | Number(registers.state.value) : task.state
  }

  function changed(task: CellTask): boolean {
    return (bitsOf(task) & stateBits.lastingChange) !== 0
  }

  function takeBit(task: CellTask, bit: number): boolean {
    const isSet = (bitsOf(task) & bit) !== 0
    task.state &= ~bit
    if (scheduler.current === task) registers.state.value = Number(registers.state.value) & ~bit
    return isSet
  }
}

const makeMemory = (
  { min, max = min, shared, is64 }: MeteredFacts['memories'][number],
  stock: MemoryStock,
): WasmMemory => {
  if (is64) {
    return new webAssembly.Memory({ initial: BigInt(min), maximum: BigInt(max), address: 'i64', shared })
  }
  return shared ? new webAssembly.Memory({ initial: min, maximum: max, shared }) : stock.make({ min, max })
}

const withRegisters = (imports: WasmImports, own: Record<string, WasmImportValue>): WasmImports => {
  const all = Object.assign(Object.create(null) as WasmImports, imports)
  all[registersNamespace] = own
  return all
}

const globalsOf = ({ globalExports }: MeteredFacts, { exports }: WasmInstance): readonly WasmGlobal[] | undefined =>
  globalExports?.map((name) => exports[name] as WasmGlobal)

/** Memories and globals of several instances, each once, in their order. */
const stateOf = (
  held: WeakMap<WasmInstance, Held>,
  instances: readonly WasmInstance[],
): { memories: WasmMemory[]; globals: WasmGlobal[] } | undefined => {
  const memories = new Set<WasmMemory>()
  const globals: WasmGlobal[] = []
  for (const instance of instances) {
    const found = held.get(instance)
    if (found?.globals === undefined) return undefined
    for (const memory of found.memories) memories.add(memory)
    globals.push(...found.globals)
  }
  return { memories: [...memories], globals }
}

const compileModule = (
  { modules }: EngineParts,
  request: { bytes: Uint8Array; what: string; given: CompileOptions; options: EngineOptions },
): CompiledModule => {
  const { bytes, what, given, options } = request
  return modules.compile(bytes, what, rewriteOptions(given, options))
}

/** How a module is rewritten under the options. */
export const rewriteOptions = (given: CompileOptions, options: EngineOptions): RewriteOptions => ({
  maxMemoryPages: Math.floor((given.memoryBytes ?? options.limits.memoryBytes) / pageBytes),
  fuel: options.limits.fuel !== undefined,
  features: options.features ?? {},
  substitutions: given.substitutions ?? [],
})
