// Links the modules of a plugin: who imports what from whom, in which order they are instantiated, and which imports
// nobody offers. Decided once when the plugin is loaded; instantiating (instance.ts) only follows the plan.

import type { CompiledModule } from '@bulkhead/cell'
import { BulkheadError, nearestNames } from '@bulkhead/kernel/wire'

/** A compiled module under the name that others import it by; the plugin's own is `main`. */
export interface NamedModule {
  readonly name: string
  readonly compiled: CompiledModule
}

/** Names that the host offers, by import namespace. */
export type Offered = Readonly<Record<string, readonly string[]>>

/** Name of the entry module. */
export const mainModule = 'main'

/**
 * Orders modules so that each comes after those that it imports from.
 * @throws BulkheadError `artifact.import-unknown` listing every import that nobody offers, `artifact.invalid` for a circle
 */
export const planLinks = (modules: readonly NamedModule[], offered: Offered): NamedModule[] => {
  const byName = new Map(modules.map((module) => [module.name, module]))
  const unknown = modules.flatMap((module) => unknownImports(module, byName, offered))
  if (unknown.length > 0) {
    throw new BulkheadError(
      'artifact.import-unknown',
      `the plugin imports what the host does not offer: ${unknown.slice(0, 10).join('; ')}${unknown.length > 10 ? `; and ${unknown.length - 10} more` : ''}`,
    )
  }
  const ordered: NamedModule[] = []
  const visit = (module: NamedModule, path: readonly string[]): void => {
    if (ordered.includes(module)) return
    if (path.includes(module.name)) {
      throw new BulkheadError(
        'artifact.invalid',
        `the modules import each other in a circle: ${[...path, module.name].join(' → ')}`,
      )
    }
    for (const { module: from } of module.compiled.imports) {
      const provider = byName.get(from)
      if (provider !== undefined) visit(provider, [...path, module.name])
    }
    ordered.push(module)
  }
  for (const module of modules) visit(module, [])
  return ordered
}

const unknownImports = (
  { compiled }: NamedModule,
  byName: ReadonlyMap<string, NamedModule>,
  offered: Offered,
): string[] =>
  compiled.imports.flatMap(({ module, name, kind }) => {
    const provider = byName.get(module)
    if (provider !== undefined) {
      const exported = provider.compiled.exports
      if (exported.some((entry) => entry.name === name && entry.kind === kind)) return []
      return [
        describe(
          module,
          name,
          exported.map((entry) => entry.name),
        ),
      ]
    }
    if (kind === 'memory' && module === 'env' && name === 'memory') return []
    const names = Object.hasOwn(offered, module) ? offered[module] : undefined
    if (names === undefined) return [describe(module, name, [])]
    if (kind !== 'function') return [`${kind} ${JSON.stringify(`${module}.${name}`)}`]
    return names.includes(name) ? [] : [describe(module, name, names)]
  })

const describe = (module: string, name: string, names: readonly string[]): string => {
  const near = nearestNames(name, names)
  const full = JSON.stringify(`${module}.${name}`.slice(0, 200))
  return near.length === 0 ? full : `${full} (did you mean ${near.join(' or ')}?)`
}
