// The driver of the wasm tier, run by the cell program: core modules on the Extism plug-in ABI and WASI preview 1.

import type { CellArtifact, CompiledModule, Driver, Engine } from '@bulkhead/cell'
import { findActions } from './actions.ts'
import { blockSubstitutions } from './extism/substitutions.ts'
import { importName } from './host-functions.ts'
import { ExtismInstance, type FirstState } from './instance.ts'
import { mainModule, type NamedModule, planLinks } from './link.ts'
import { extismEnvNames } from './extism/env-names.ts'
import { VarStores } from './vars.ts'
import { wasiNames } from './wasi/preview1.ts'

const pageBytes = 65_536

/** The driver, as the cell imports it. */
export const driver: Driver = {
  load: async (artifact, engine) => {
    const { modules, memoryPages } = compileAll(artifact, engine)
    const functions = [...artifact.functions]
    const hostNames = functions.flatMap((name) => [importName(name), name])
    const plan = planLinks(modules, {
      'extism:host/env': extismEnvNames,
      'extism:host/user': hostNames,
      'bulkhead:host': hostNames,
      wasi_snapshot_preview1: wasiNames,
      env: ['abort', 'trace', 'seed'],
    })
    const main = modules[0]
    if (main === undefined) throw new TypeError('there is always an entry module')
    const parts = {
      engine,
      limits: artifact.limits,
      plan,
      config: artifact.config,
      functions: functions.filter((name) => isImported(plan, name)),
      vars: new VarStores(),
      memoryPages,
    }
    let first: FirstState | undefined
    return {
      actions: findActions(main.compiled),
      open: async (task) => {
        const opened = await ExtismInstance.open(parts, task, first)
        first ??= opened.first
        return opened.instance
      },
      [Symbol.dispose]: () => undefined,
    }
  },
}

/** Compiles every module. Where several have a memory, they share the limit evenly. */
const compileAll = (artifact: CellArtifact, engine: Engine): { modules: NamedModule[]; memoryPages: number } => {
  const sources = [{ name: mainModule, what: artifact.entry, bytes: artifact.bytes }].concat(
    artifact.modules.map(({ name, bytes }) => ({ name, what: `the module ${name}`, bytes })),
  )
  const compile = (memoryBytes: number): NamedModule[] =>
    sources.map(({ name, what, bytes }) => ({
      name,
      compiled: engine.compile(bytes, what, { memoryBytes, substitutions: blockSubstitutions }),
    }))
  const all = artifact.limits.memoryBytes
  const modules = compile(all)
  const withMemory = modules.filter(({ compiled }) => hasMemory(compiled)).length
  if (withMemory < 2) return { modules, memoryPages: Math.floor(all / pageBytes) }
  const share = Math.floor(all / withMemory)
  return { modules: compile(share), memoryPages: Math.floor(share / pageBytes) }
}

/** Imports are made anew for each instance: only those that the plugin has. */
const isImported = (modules: readonly NamedModule[], name: string): boolean =>
  modules.some(({ compiled }) =>
    compiled.imports.some((entry) => entry.name === name || entry.name === importName(name)),
  )

const hasMemory = ({ ownMemories, importedMemory }: CompiledModule): boolean =>
  ownMemories.length > 0 || importedMemory !== undefined
