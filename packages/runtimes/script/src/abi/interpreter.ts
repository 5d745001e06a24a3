// One interpreter of ours, from compiled module to entered functions: a memory of its own whose maximum the engine
// enforces, the imports of the ABI, and nothing of the host's. Whoever calls a function of it enters guest code, and does
// so through the cell's engine.

import { randomFillSync } from 'node:crypto'
import type { CompiledModule, Engine, Snapshot, Task, WasmImportValue, WasmInstance } from '@bulkhead/cell'
import type { Awaitable } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import { GuestMemory } from './guest-memory.ts'
import { type InterpreterFunction, importModule } from './interpreter-build.ts'

/** Most that a memory of 32-bit addresses may have of what our builds declare. */
const declaredMaximumPages = 32_768
/** Small payloads lie here: part of the first state, so that a call has no need to ask for room. */
const blockBytes = 16 * 1024

/** Where an interpreter comes from. */
export interface InterpreterSource {
  readonly engine: Engine
  readonly compiled: CompiledModule
  /** For messages. */
  readonly title: string
}

/** What a new one is made with. */
export interface InterpreterOptions {
  readonly task: Task
  readonly pages: number
  /** Makes the functions that it imports. */
  readonly imports: (interpreter: Interpreter) => Readonly<Record<string, WasmImportValue>>
}

/** See the file's head. Dropped when its guest was ended or trapped: its state is unknown then. */
export class Interpreter {
  readonly engine: Engine
  readonly memory: GuestMemory
  readonly instance: WasmInstance
  readonly title: string
  /** What guest code is accounted to. */
  task: Task
  /** Address of the block for small payloads; 0 until there is one. */
  block = 0

  /** Makes an instance; nothing of it runs. @throws BulkheadError `limit.memory` */
  constructor({ engine, compiled, title }: InterpreterSource, { task, pages, imports }: InterpreterOptions) {
    this.engine = engine
    this.title = title
    this.task = task
    this.memory = new GuestMemory(engine.memory(pages, declaredMaximumPages))
    this.instance = engine.instantiate(compiled, {
      env: { memory: this.memory.memory },
      [importModule]: imports(this),
    })
  }

  has(name: InterpreterFunction): boolean {
    return this.instance.exports[name] !== undefined
  }

  /** Enters a function; the guest may be paused. @throws BulkheadError */
  run(name: InterpreterFunction, ...args: readonly number[]): Awaitable<number> {
    try {
      const result = this.engine.enter(this.task, this.instance.exports[name], ...args) as Awaitable<number>
      return result instanceof Promise ? result.catch((thrown: unknown) => this.#explain(thrown)) : result
    } catch (thrown) {
      return this.#explain(thrown)
    }
  }

  /** From a fresh instance to the base state: nothing of a plugin, of the time or of chance is in it. @throws BulkheadError */
  async boot(): Promise<void> {
    if (this.has('_initialize')) await this.run('_initialize')
    await this.run('boot')
  }

  /** Enters a function with a payload; answers at once when it has returned. @throws BulkheadError, or rejects with it */
  give(name: 'load' | 'check' | 'invoke', payload: Uint8Array): Awaitable<void> {
    if (payload.length > blockBytes || this.block === 0) return this.#giveLarge(name, payload)
    if (!this.memory.write(payload, this.block)) throw tooMuch(payload.length)
    const running = this.run(name, this.block, payload.length)
    if (running instanceof Promise) return running.then(() => undefined)
  }

  async #giveLarge(name: 'load' | 'check' | 'invoke', payload: Uint8Array): Promise<void> {
    const at = await this.run('allocate', payload.length)
    if (at === 0 || !this.memory.write(payload, at)) throw tooMuch(payload.length)
    await this.run(name, at, payload.length)
    await this.run('release', at)
  }

  /** Sets room for small payloads aside. @throws BulkheadError `limit.memory` */
  async reserve(): Promise<void> {
    this.block = await this.run('allocate', blockBytes)
    if (this.block === 0) throw tooMuch(blockBytes)
  }

  /** Gives this copy a seed of its own, right after its state was put in. @throws BulkheadError */
  async reseed(): Promise<void> {
    if (!this.has('after_restore')) return
    const [low = 0, high = 0] = randomFillSync(new Int32Array(2))
    await this.run('after_restore', low, high)
  }

  capture(base?: Snapshot): Snapshot | undefined {
    return this.engine.capture(this.task, [this.instance], base)
  }

  /** What a trap stands for: without memory, or at the end of its stack, an interpreter can say nothing more. */
  #explain(thrown: unknown): never {
    if (this.task.ended !== undefined) throw this.task.ended
    const error = this.engine.classify(thrown)
    if (error.code === 'plugin.trap') {
      if (this.engine.takeMemoryDenial(this.task)) {
        throw new BulkheadError('limit.memory', 'the plugin ran out of its memory limit')
      }
      // Its stack lies at the bottom of the memory.
      if (/memory access out of bounds/.test(error.message)) {
        throw new BulkheadError('limit.stack', 'the plugin recursed too deeply')
      }
    }
    throw error
  }
}

const tooMuch = (bytes: number): BulkheadError =>
  new BulkheadError('limit.memory', `the plugin's memory cannot take ${bytes} more bytes`)
