// One QuickJS, from compiled module to typed calls: a memory of its own whose maximum the JavaScript engine enforces, our own
// imports, and nothing of the host's. Whoever calls a function of it enters guest code, and does so through the cell's
// engine. What lies in its memory may be replaced by a snapshot: addresses are numbers that stay valid with it.

import { randomFillSync } from 'node:crypto'
import type { CompiledModule, Engine, Snapshot, Task, WasmInstance } from '@bulkhead/cell'
import type { Awaitable } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { BasePlaces } from './base-places.ts'
import { GuestMemory } from './guest-memory.ts'
import { type ImportTarget, makeImports } from './imports.ts'
import {
  addresses,
  functionsOf,
  importModule,
  type InterpreterFunction,
  type InterpreterFunctions,
  kinds,
  memoryImport,
  offsets,
} from './interpreter-build.ts'

/** What the pinned module's memory import declares as its maximum. */
const declaredMaximumPages = 32_768

/** The driver's side of an interpreter. */
export interface NativeTarget {
  /** See {@link ImportTarget.native}. Never throws. */
  call(id: number, args: number, count: number): number
}

/** Where an interpreter comes from. */
export interface InterpreterSource {
  readonly engine: Engine
  readonly compiled: CompiledModule
}

/** See the file's head. Dropped when its guest was ended or trapped: its state is unknown then. */
export class Interpreter implements ImportTarget {
  readonly engine: Engine
  readonly memory: GuestMemory
  readonly instance: WasmInstance
  readonly #functions: InterpreterFunctions
  /** Values that nobody needs any more, to be freed when the guest is entered anyway. */
  #unused: number[] = []
  #seed: readonly [number, number] = [0, 0]
  #readClock = false
  /** Where the functions of the driver are answered; the places are set once the state is there. */
  target: NativeTarget | undefined
  places!: BasePlaces
  /** What guest code is accounted to. */
  task: Task

  /** Makes an instance; nothing of it runs. @throws BulkheadError `limit.memory` */
  constructor({ engine, compiled }: InterpreterSource, options: { task: Task; pages: number }) {
    this.engine = engine
    this.task = options.task
    this.memory = new GuestMemory(engine.memory(options.pages, declaredMaximumPages))
    this.instance = engine.instantiate(compiled, {
      [importModule]: { ...makeImports(this), [memoryImport]: this.memory.memory },
    })
    this.#functions = functionsOf(this.instance.exports)
  }

  /** Enters a function; the guest may be paused. @throws BulkheadError */
  run(name: InterpreterFunction, ...args: readonly number[]): Awaitable<number> {
    return this.engine.enter(this.task, this.#functions[name], ...args) as Awaitable<number>
  }

  /** Enters some functions at once, from within {@link NativeTarget.call}. @throws what the guest's end throws */
  inside<T>(enter: (functions: InterpreterFunctions) => T): T {
    return this.engine.nested(() => enter(this.#functions))
  }

  /** Whether the time was read since {@link reseed}, or a random number drawn: another copy would have got others. */
  get isMarked(): boolean {
    const at = this.places.context + offsets.randomState
    const [low, high] = this.#seed
    return this.#readClock || this.memory.word(at) !== low || this.memory.word(at + 4) !== high
  }

  /** Gives this copy random numbers of its own, right after its state was put in. */
  reseed(): void {
    this.#readClock = false
    this.#unused = []
    this.memory.isExhausted = false
    const at = this.places.context + offsets.randomState
    this.#seed = [entropyWord(), entropyWord() | 1]
    this.memory.setWord(at, this.#seed[0])
    this.memory.setWord(at + 4, this.#seed[1])
  }

  /** Holds the state as it is now, without what calls left behind on the stack. Undefined where it cannot be held. */
  capture(base?: Snapshot): Snapshot | undefined {
    this.memory.clear(addresses.staticEnd, this.places.stackTop)
    return this.engine.capture(this.task, [this.instance], base)
  }

  /** Gives up a value: it is freed on the next occasion. */
  release(value: number): void {
    if (value !== 0) this.#unused.push(value)
  }

  /** A text in the guest, to be given to it. Within {@link NativeTarget.call}. @throws BulkheadError `limit.memory` */
  newText(text: string): number {
    const { scratch, scratchBytes, context } = this.places
    const isShort = text.length * 3 < scratchBytes
    const size = isShort ? 0 : Buffer.byteLength(text)
    return this.inside(({ malloc, free, newString }) => {
      const at = isShort ? scratch : malloc(size + 1)
      if (at === 0) throw tooMuch(size)
      this.memory.writeText(text, at)
      const value = newString(context, at)
      if (!isShort) free(at)
      return this.#made(value, size)
    })
  }

  /** A byte string in the guest; as {@link newText}. @throws BulkheadError `limit.memory` */
  newBuffer(bytes: Uint8Array): number {
    const size = bytes.byteLength
    return this.inside(({ malloc, newArrayBuffer }) => {
      const at = malloc(Math.max(size, 1))
      if (at === 0) throw tooMuch(size)
      this.memory.write(bytes, at)
      return this.#made(newArrayBuffer(this.places.context, at, size), size)
    })
  }

  /** A text of the guest's, cut; empty for what is none, or is longer than eight times the cut. Within a call of ours. */
  textOf(at: number, most: number): string {
    const { memory } = this
    if (memory.textLength(at) > most * 8) return ''
    if (memory.kind(at) !== kinds.rope) return memory.text(at).slice(0, most)
    return this.inside(({ getString, freeString }) => {
      const text = getString(this.places.context, at)
      if (text === 0) return ''
      const found = memory.cText(text).slice(0, most)
      freeString(this.places.context, text)
      return found
    })
  }

  native(id: number, args: number, count: number): number {
    this.#freeUnused()
    return this.target?.call(id, args, count) ?? 0
  }

  noteClock(): void {
    this.#readClock = true
  }

  abort(): never {
    throw new BulkheadError('plugin.trap', 'the JavaScript interpreter gave up')
  }

  #freeUnused(): void {
    if (this.#unused.length === 0) return
    const unused = this.#unused
    this.#unused = []
    this.inside(({ freeValue }) => {
      for (const value of unused) freeValue(this.places.context, value)
    })
  }

  #made(value: number, size: number): number {
    if (value === 0 || this.memory.isException(value)) throw tooMuch(size)
    return value
  }
}

const tooMuch = (bytes: number): BulkheadError =>
  new BulkheadError('limit.memory', `the plugin's memory cannot take ${bytes} more bytes`)

const entropy = new Int32Array(1024)
let entropyAt = entropy.length

const entropyWord = (): number => {
  if (entropyAt === entropy.length) {
    randomFillSync(entropy)
    entropyAt = 0
  }
  const word = entropy[entropyAt] ?? 0
  entropy[entropyAt++] = 0
  return word
}
