// Instantiates the linked modules of a plugin, in the order of the plan, with their imports. One set for each instance.

import type { Awaitable } from '@bulkhead/kernel'
import type { BlockRegisters, Engine, WasmImports, WasmImportValue, WasmInstance, WasmMemory } from '@bulkhead/cell'
import { makeAssemblyScriptEnv } from './assemblyscript.ts'
import type { CallState } from './call-state.ts'
import type { Guard } from './import-guard.ts'
import { mainModule, type NamedModule } from './link.ts'
import { makeWasi } from './wasi/preview1.ts'
import type { StandardStreams } from './wasi/streams.ts'

/** What instantiating needs. */
export interface LinkParts {
  readonly engine: Engine
  readonly plan: readonly NamedModule[]
  readonly guard: Guard
  readonly state: CallState
  readonly streams: StandardStreams
  readonly outputBytes: number
  /** Pages that an imported memory may have. */
  readonly memoryPages: number
  readonly blocks: BlockRegisters
  /** Makers of the namespaces that are the same for all modules of the instance. */
  readonly shared: Readonly<Record<string, () => Readonly<Record<string, WasmImportValue>>>>
}

/** The instantiated modules. */
export interface LinkedModules {
  readonly main: WasmInstance
  /** In the order in which they start up. */
  readonly all: readonly WasmInstance[]
  readonly memories: readonly WasmMemory[]
}

/**
 * Instantiates the modules. `entered` gets each one's start section before the next is instantiated; without it none
 * runs, and the state is the caller's to put right. @throws BulkheadError: modules may not fit each other
 */
export const instantiateModules = async (
  parts: LinkParts,
  entered?: (start: unknown) => Awaitable<unknown>,
): Promise<LinkedModules> => {
  const byName = new Map<string, WasmInstance>()
  const memories = new Set<WasmMemory>()
  for (const module of parts.plan) {
    let memory: WasmMemory | undefined
    const imported = module.compiled.importedMemory
    const providedHere = imported !== undefined && module.compiled.imports.some(isEnvMemory) && !byName.has('env')
    if (providedHere) {
      memory = parts.engine.memory(imported.min, Math.min(imported.max ?? parts.memoryPages, parts.memoryPages))
      memories.add(memory)
    }
    const instance = parts.engine.instantiate(
      module.compiled,
      importsOf(module, { parts, byName, memory: () => memory, provided: memory }),
      parts.blocks,
    )
    const own = parts.engine.memoriesOf(instance)
    // A module with several means the one that it exports.
    const exported = Object.entries(instance.exports).find(
      ([name, value]) => isMemory(value) && !name.startsWith('bulkhead:'),
    )
    memory ??= (exported?.[1] as WasmMemory | undefined) ?? own[0]
    for (const held of own) memories.add(held)
    byName.set(module.name, instance)
    const start = parts.engine.startOf(module.compiled, instance)
    if (start !== undefined && entered !== undefined) await entered(start)
  }
  const main = byName.get(mainModule)
  if (main === undefined) throw new TypeError('a plan always has the main module')
  return { main, all: [...byName.values()], memories: [...memories] }
}

const isEnvMemory = (entry: { module: string; name: string; kind: string }): boolean =>
  entry.kind === 'memory' && entry.module === 'env' && entry.name === 'memory'

const isMemory = (value: unknown): value is WasmMemory =>
  typeof value === 'object' && value !== null && 'buffer' in value && 'grow' in value

const importsOf = (
  module: NamedModule,
  context: {
    parts: LinkParts
    byName: ReadonlyMap<string, WasmInstance>
    memory: () => WasmMemory | undefined
    provided: WasmMemory | undefined
  },
): WasmImports => {
  const { parts, byName, memory, provided } = context
  // Made when a module asks for them: most use one or two, and a fresh instance is made for many a call.
  const made = new Map<string, Readonly<Record<string, WasmImportValue>>>()
  const makers: Readonly<Record<string, () => Readonly<Record<string, WasmImportValue>>>> = {
    ...parts.shared,
    wasi_snapshot_preview1: () => makeWasi({ ...parts, memory, after: (ms, run) => parts.engine.after(ms, run) }),
    env: () => ({
      ...makeAssemblyScriptEnv({ ...parts, memory }),
      ...(provided === undefined ? {} : { memory: provided }),
    }),
  }
  const namespace = (name: string): Readonly<Record<string, WasmImportValue>> | undefined => {
    const known = made.get(name)
    if (known !== undefined || !Object.hasOwn(makers, name)) return known
    const members = makers[name]?.() ?? {}
    made.set(name, members)
    return members
  }
  // Modules and imports may have any name, `__proto__` too.
  const imports = Object.create(null) as WasmImports
  for (const { module: from, name } of module.compiled.imports) {
    const source: Readonly<Record<string, unknown>> | undefined = byName.get(from)?.exports ?? namespace(from)
    const value = source !== undefined && Object.hasOwn(source, name) ? (source[name] as WasmImportValue) : undefined
    imports[from] ??= Object.create(null) as Record<string, WasmImportValue>
    if (value !== undefined) imports[from][name] = value
  }
  return imports
}
