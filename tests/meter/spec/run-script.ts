// Runs a script of the official test suite, as it stands or with every module metered, and tells of each command what
// became of it.

import { engine, type WasmImports, type WasmInstance } from '../../../packages/meter/fuzz/engine.ts'
import { Registers, wideOptions } from '../../../packages/meter/fuzz/metering.ts'
import { meterModule } from '@bulkhead/meter'
import { adapt, type Adapted } from './adapter.ts'
import { type Command, readCommandModule, type Script, type ScriptAction, type ScriptValue } from './script.ts'
import { argumentBits, argumentValue, matchesBits, matchesValue, needsBits, widthInBits } from './values.ts'

/** Whether modules are metered, and how. */
export type Metering = 'none' | 'epoch' | 'fuel'

/** What became of a command. */
export interface Verdict {
  readonly line: number
  readonly type: string
  /** Undefined when it is as the suite has it. */
  readonly wrong?: string
}

class Refused extends Error {}

/** As wide as 32-bit addresses reach: scripts grow memories to the end. */
const options = { ...wideOptions, maxMemoryPages: 65_536, maxTableElements: 10_000_000 }

/** See the file's head. */
export const runScript = (script: Script, metering: Metering): Verdict[] => {
  const run = new ScriptRun(script, metering)
  return script.commands.flatMap((command) => run.command(command) ?? [])
}

class ScriptRun {
  readonly #script: Script
  readonly #metering: Metering
  readonly #registers = new Registers()
  readonly #named = new Map<string, WasmInstance>()
  readonly #registered: WasmImports = { spectest: makeSpectest() }
  readonly #definitions = new Map<string, Uint8Array>()
  readonly #adapted = new WeakMap<object, Map<string, Adapted | undefined>>()
  #last: WasmInstance | undefined

  constructor(script: Script, metering: Metering) {
    this.#script = script
    this.#metering = metering
  }

  /** Undefined for a command that has nothing to do with binaries. */
  command(command: Command): Verdict | undefined {
    const { line, type } = command
    try {
      const wrong = this.#carryOut(command)
      if (wrong === 'text') return undefined
      return { line, type, ...(wrong === undefined ? {} : { wrong }) }
    } catch (thrown) {
      return { line, type, wrong: `${thrown instanceof Error ? thrown.name : ''} ${String(thrown)}`.slice(0, 200) }
    }
  }

  #carryOut(command: Command): string | undefined {
    const bytes = readCommandModule(this.#script, command)
    switch (command.type) {
      case 'module':
        this.#last = undefined
        this.#name(command.name, this.#instantiate(bytes as Uint8Array))
        return undefined
      case 'module_definition':
        this.#definitions.set(command.name ?? '', bytes as Uint8Array)
        return undefined
      case 'module_instance':
        this.#name(command.instance, this.#instantiate(this.#definitions.get(command.module ?? '') as Uint8Array))
        return undefined
      case 'register':
        this.#registered[command.as ?? ''] = { ...this.#find(command.name).exports }
        return undefined
      case 'action':
        this.#act(command.action as ScriptAction, [])
        return undefined
      case 'assert_return':
        return this.#act(command.action as ScriptAction, command.expected ?? [])
      case 'assert_trap':
        return expectThrow(engine.RuntimeError, () => this.#actAnyhow(command.action as ScriptAction))
      case 'assert_exhaustion':
        return expectThrow(RangeError, () => this.#act(command.action as ScriptAction, []))
      case 'assert_exception':
        return expectThrow(engine.Exception as unknown as typeof Error, () =>
          this.#act(command.action as ScriptAction, []),
        )
      case 'assert_uninstantiable':
        return expectThrow(engine.RuntimeError, () => this.#instantiate(bytes as Uint8Array))
      case 'assert_unlinkable':
        return expectThrow(Error, () => this.#instantiate(bytes as Uint8Array))
      case 'assert_invalid':
      case 'assert_malformed':
        if (bytes === undefined) return 'text'
        return this.#refuses(bytes) ? undefined : 'it was taken'
      default:
        return `the command ${command.type} is not known`
    }
  }

  #refuses(bytes: Uint8Array): boolean {
    if (this.#metering === 'none') return !engine.validate(bytes)
    return !meterModule(bytes, { ...options, fuel: this.#metering === 'fuel' }).ok
  }

  #name(name: string | undefined, instance: WasmInstance): void {
    this.#last = instance
    if (name !== undefined) this.#named.set(name, instance)
  }

  #find(name: string | undefined): WasmInstance {
    const found = name === undefined ? this.#last : this.#named.get(name)
    if (found === undefined) throw new Error(`there is no module ${name ?? 'before'}`)
    return found
  }

  #instantiate(bytes: Uint8Array): WasmInstance {
    if (this.#metering === 'none') return new engine.Instance(new engine.Module(bytes), this.#registered)
    const result = meterModule(bytes, { ...options, fuel: this.#metering === 'fuel' })
    if (!result.ok) throw new Refused(`${result.fault.code}: ${result.fault.message}`)
    const { module } = result
    const imports = { ...this.#registered, ...this.#registers.importsFor(module) }
    const instance = new engine.Instance(new engine.Module(module.bytes), imports)
    const start = module.startExport === undefined ? undefined : instance.exports[module.startExport]
    if (typeof start === 'function') start()
    return instance
  }

  /** What is wrong with what it gave. */
  #act(action: ScriptAction, expected: readonly ScriptValue[]): string | undefined {
    const { type, module, field, args = [] } = action
    const exported = this.#find(module).exports[field]
    if (type === 'get') {
      const { value } = exported as { value: unknown }
      const [wanted] = expected
      return wanted === undefined || matchesLoosely(value, wanted) ? undefined : `the global is ${String(value)}`
    }
    if ([...args, ...expected].some(needsBits)) {
      const adapted = this.#adapt(exported as object, args.map(typeOf), expected.map(typeOf))
      if (adapted !== undefined) return wrongBits(adapted(...args.flatMap(argumentBits)), expected)
    }
    const result = (exported as (...given: readonly unknown[]) => unknown)(...args.map(argumentValue))
    const given = expected.length > 1 ? (result as unknown[]) : [result]
    const wrong = expected.findIndex((one, index) => !matchesLoosely(given[index], one))
    return wrong < 0 ? undefined : `result ${wrong} is ${String(given[wrong])}`
  }

  /** As {@link #act} where the script does not say what comes back: the adapter must have the type all the same. */
  #actAnyhow(action: ScriptAction): undefined {
    const { module, field, args = [] } = action
    const exported = this.#find(module).exports[field] as object
    if (!args.some(needsBits) && !this.#script.name.startsWith('simd')) {
      this.#act(action, [])
      return
    }
    for (const results of [[], ['i32'], ['i64'], ['f32'], ['f64'], ['v128'], ['v128', 'v128']]) {
      const adapted = this.#adapt(exported, args.map(typeOf), results)
      if (adapted === undefined) continue
      adapted(...args.flatMap(argumentBits))
      return
    }
    throw new Error('no adapter has its type')
  }

  /** Undefined when the function has another type. */
  #adapt(exported: object, parameters: readonly string[], results: readonly string[]): Adapted | undefined {
    const known = this.#adapted.get(exported) ?? new Map<string, Adapted | undefined>()
    this.#adapted.set(exported, known)
    const key = `${parameters.join()}>${results.join()}`
    if (!known.has(key)) known.set(key, adapt(exported, parameters, results))
    return known.get(key)
  }
}

const typeOf = (value: ScriptValue): string => {
  const name = value.values?.[0]?.type ?? value.type
  return name === 'nullexnref' ? 'exnref' : name
}

/** What is wrong with what an adapter gave. */
const wrongBits = (result: unknown, expected: readonly ScriptValue[]): string | undefined => {
  const given: unknown[] = Array.isArray(result) ? result : [result]
  let at = 0
  for (const [index, one] of expected.entries()) {
    const own = given.slice(at, at + widthInBits(one))
    at += widthInBits(one)
    if (!matchesBits(own, one)) return `result ${index} has the bits ${own.join(' ')}`
  }
  return undefined
}

/** Where JavaScript has the float already: NaN is as good as any other. */
const matchesLoosely = (value: unknown, wanted: ScriptValue): boolean => {
  if (wanted.type === 'f32') return matchesBits([new Int32Array(new Float32Array([value as number]).buffer)[0]], wanted)
  if (wanted.type === 'f64')
    return matchesBits([new BigInt64Array(new Float64Array([value as number]).buffer)[0]], wanted)
  return matchesValue(value, wanted)
}

const expectThrow = (kind: abstract new (...args: never[]) => object, run: () => unknown): string | undefined => {
  try {
    run()
  } catch (thrown) {
    if (thrown instanceof Refused) throw thrown
    return thrown instanceof kind ? undefined : `threw ${String(thrown)}`
  }
  return 'nothing was thrown'
}

/** The module that scripts may import from. */
const makeSpectest = (): Record<string, unknown> => {
  const nothing = (): void => {}
  const names = ['', '_i32', '_i64', '_f32', '_f64', '_i32_f32', '_f64_f64']
  return {
    ...Object.fromEntries(names.map((name) => [`print${name}`, nothing])),
    global_i32: new engine.Global({ value: 'i32', mutable: false }, 666),
    global_i64: new engine.Global({ value: 'i64', mutable: false }, 666n),
    global_f32: new engine.Global({ value: 'f32', mutable: false }, 666.6),
    global_f64: new engine.Global({ value: 'f64', mutable: false }, 666.6),
    table: new engine.Table({ element: 'anyfunc', initial: 10, maximum: 20 }),
    table64: new engine.Table({ element: 'anyfunc', initial: 10n, maximum: 20n, address: 'i64' } as never),
    memory: new engine.Memory({ initial: 1, maximum: 2 }),
    shared_memory: new engine.Memory({ initial: 1, maximum: 2, shared: true }),
  }
}
