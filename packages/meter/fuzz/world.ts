// The surroundings of one run of a generated module: its imports, which answer, throw or call back as the seed has it, and
// a log of everything that can be seen of the run from outside. Two runs mean the same when their logs and memories do.

import {
  engine,
  type WasmException,
  type WasmGlobal,
  type WasmImports,
  type WasmInstance,
  type WasmMemory,
  type WasmSizes,
  type WasmTable,
  type WasmTag,
} from './engine.ts'
import type { GeneratedModule } from './generate.ts'
import type { ValueType } from './operators.ts'
import { Prng } from './prng.ts'

const externals = [null, 'a', 7, 'b'] as const
const deepestCallback = 3

/** See the file's head. */
export class World {
  readonly log: string[] = []
  readonly imports: WasmImports = {}
  instance: WasmInstance | undefined
  /** Called at each call of an import, before anything else. */
  onImport: () => void = () => {}
  /** Whether imports may call exports. */
  mayCallBack = false
  /** Set once the engine's stack was exhausted: then nothing can be compared. */
  hasOverflown = false
  readonly #module: GeneratedModule
  readonly #random: Prng
  #depth = 0

  constructor(module: GeneratedModule) {
    this.#module = module
    this.#random = new Prng(module.seed ^ 0x5eed)
    const { plan } = module
    const env: Record<string, unknown> = {}
    for (let index = 0; index < plan.importedFunctions; index++) env[`f${index}`] = this.#importedFunction(index)
    // Two imports of one type may be one and the same thing.
    const made = new Map<string, unknown>()
    const make = (key: string, open: () => unknown): unknown => {
      const found = made.get(key)
      if (found !== undefined && this.#random.chance(50)) return found
      const fresh = open()
      made.set(key, fresh)
      return fresh
    }
    for (const [index, { imported, type, min, max, is64 }] of plan.tables.entries()) {
      const element = type === 'funcref' ? 'anyfunc' : 'externref'
      if (imported)
        env[`t${index}`] = make(`table ${type} ${min} ${max} ${is64}`, () => {
          return new engine.Table({ element, ...sizes(min, max, is64) })
        })
    }
    for (const [index, { imported, min, max, shared, is64 }] of plan.memories.entries()) {
      if (imported)
        env[`m${index}`] = make(`memory ${min} ${max} ${shared} ${is64}`, () => {
          return new engine.Memory({ ...sizes(min, max, is64), shared })
        })
    }
    for (const [index, { imported, type, mutable }] of plan.globals.entries()) {
      const value = type === 'funcref' ? 'anyfunc' : type
      if (imported)
        env[`g${index}`] = make(`global ${value} ${mutable}`, () => {
          return new engine.Global({ value, mutable }, this.value(type))
        })
    }
    for (const [index, type] of plan.tags.slice(0, plan.importedTags).entries()) {
      const parameters = (plan.types[type]?.parameters ?? []).map((known) => (known === 'funcref' ? 'anyfunc' : known))
      env[`e${index}`] = new engine.Tag({ parameters })
    }
    this.imports['env'] = env
  }

  /** A value to pass to the module. */
  value(type: ValueType): unknown {
    const random = this.#random
    if (type === 'i32') return random.interesting32()
    if (type === 'i64') return random.interesting64()
    if (type === 'f32' || type === 'f64') return random.interestingDouble()
    if (type === 'externref') return random.pick(externals)
    return null
  }

  #importedFunction(index: number): (...args: readonly unknown[]) => unknown {
    const { plan } = this.#module
    const { parameters, results } = this.#signature(`f${index}`)
    return (...args) => {
      this.onImport()
      const random = this.#random
      this.log.push(`f${index}(${this.tell(args, parameters)})`)
      const choice = random.below(100)
      if (choice < 8) throw new Error(`import ${index} throws`)
      if (choice < 16 && plan.importedTags > 0) {
        const tag = random.below(plan.importedTags)
        const values = (plan.types[plan.tags[tag] ?? 0]?.parameters ?? []).map((type) => this.value(type))
        throw new engine.Exception(this.imports['env']?.[`e${tag}`] as WasmTag, values)
      }
      if (choice < 30) this.#callBack()
      const values = results.map((type) => this.value(type))
      return values.length === 0 ? undefined : values.length === 1 ? values[0] : values
    }
  }

  #callBack(): void {
    const names = Object.keys(this.instance?.exports ?? {}).filter((name) => /^f\d/u.test(name))
    if (!this.mayCallBack || this.#depth >= deepestCallback || names.length === 0) return
    const name = this.#random.pick(names)
    const args = this.argumentsOf(name)
    if (args === undefined) return
    this.#depth++
    try {
      const run = this.instance?.exports[name] as (...given: readonly unknown[]) => unknown
      const result = run(...args)
      this.log.push(`back ${name}: ${this.tellResult(name, result)}`)
    } finally {
      this.#depth--
    }
  }

  /** Arguments for an exported function; undefined when JavaScript cannot call it. */
  argumentsOf(name: string): unknown[] | undefined {
    const { parameters, results } = this.#signature(name)
    if ([...parameters, ...results].some((type) => type === 'v128' || type === 'exnref')) return undefined
    return parameters.map((type) => this.value(type))
  }

  #signature(name: string): { parameters: readonly ValueType[]; results: readonly ValueType[] } {
    const { plan } = this.#module
    return plan.types[plan.functions[Number(name.slice(1))]?.type ?? 0] ?? { parameters: [], results: [] }
  }

  tellResult(name: string, result: unknown): string {
    const { results } = this.#signature(name)
    return this.tell(results.length === 0 ? [] : results.length === 1 ? [result] : (result as unknown[]), results)
  }

  /** Values as text, so that different ones differ and every NaN is the same. */
  tell(values: readonly unknown[], types: readonly ValueType[]): string {
    return values.map((value, index) => `${types[index] ?? ''} ${this.#tellValue(value)}`).join(', ')
  }

  #tellValue(value: unknown): string {
    if (Object.is(value, -0)) return '-0'
    if (typeof value !== 'function') return String(value)
    const found = Object.entries(this.instance?.exports ?? {}).find(([, exported]) => exported === value)
    return found === undefined ? 'a function' : found[0]
  }

  /** What was thrown, as text. */
  tellThrown(thrown: unknown): string {
    if (thrown instanceof RangeError && thrown.message.includes('call stack')) this.hasOverflown = true
    if (thrown instanceof engine.Exception) {
      const exception = thrown as unknown as WasmException
      for (const [index, type] of this.#module.plan.tags.entries()) {
        const tag = (this.instance?.exports[`e${index}`] ?? this.imports['env']?.[`e${index}`]) as WasmTag | undefined
        if (tag === undefined || !exception.is(tag)) continue
        const types = this.#module.plan.types[type]?.parameters ?? []
        return `exception ${index} (${this.tell(
          types.map((_, at) => exception.getArg(tag, at)),
          types,
        )})`
      }
      return 'an exception'
    }
    // An address can be both; which of the two is said first is nobody's promise.
    const isUnaligned = thrown instanceof engine.RuntimeError && thrown.message.includes('unaligned accesses')
    if (isUnaligned) return 'RuntimeError: memory access out of bounds'
    return thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown)
  }

  /** Notes globals and tables. */
  snapshot(): void {
    const { plan } = this.#module
    const at = (name: string): unknown => this.instance?.exports[name] ?? this.imports['env']?.[name]
    for (const [index, { type }] of plan.globals.entries()) {
      const global = at(`g${index}`) as WasmGlobal | undefined
      if (global !== undefined && type !== 'v128') this.log.push(`g${index} = ${this.tell([global.value], [type])}`)
    }
    for (const [index, { is64 }] of plan.tables.entries()) {
      const table = at(`t${index}`) as WasmTable | undefined
      if (table === undefined) continue
      const elements = Array.from({ length: Number(table.length) }, (_, element) =>
        this.#tellValue(table.get(is64 ? BigInt(element) : element)),
      )
      this.log.push(`t${index} = ${elements.join(' ')}`)
    }
  }

  /** Contents of all memories that can be seen. */
  memories(): Uint8Array[] {
    return this.#module.plan.memories.flatMap((_, index) => {
      const memory = (this.instance?.exports[`m${index}`] ?? this.imports['env']?.[`m${index}`]) as
        | WasmMemory
        | undefined
      return memory === undefined ? [] : [new Uint8Array(memory.buffer)]
    })
  }
}

const sizes = (min: number, max: number, is64: boolean): WasmSizes =>
  is64 ? { initial: BigInt(min), maximum: BigInt(max), address: 'i64' } : { initial: min, maximum: max }
