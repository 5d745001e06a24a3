// The plugins that this host knows, by name. Project plugins come before the home's, given ones before both; two given
// plugins of one name are a mistake, not an override.

import { BulkheadError, nearestNames } from '@bulkhead/kernel'
import type { PluginInfo } from './api.ts'
import type { Discovered } from './plugin/discover-node.ts'

const rank: Readonly<Record<PluginInfo['origin'], number>> = { given: 0, project: 1, home: 2 }

/** Plugins by name. */
export interface Registry<Entry> {
  /** @throws BulkheadError `plugin.unknown`, with the nearest names */
  get(name: string): Entry
  find(name: string): Entry | undefined
  readonly all: readonly Entry[]
  set(name: string, entry: Entry): void
}

/** Picks one plugin for each name. @throws BulkheadError `config.invalid` when two given plugins share a name */
export const chooseByName = (
  found: readonly Discovered[],
): { readonly chosen: readonly Discovered[]; readonly shadowed: readonly Discovered[] } => {
  const byName = new Map<string, Discovered>()
  const shadowed: Discovered[] = []
  for (const candidate of [...found].sort((a, b) => rank[a.origin] - rank[b.origin])) {
    const name = candidate.plugin.manifest.name
    const holder = byName.get(name)
    if (holder === undefined) byName.set(name, candidate)
    else if (holder.plugin.path === candidate.plugin.path) continue
    else if (holder.origin === 'given' && candidate.origin === 'given') {
      throw new BulkheadError(
        'config.invalid',
        `two plugins are named "${name}": ${holder.plugin.path} and ${candidate.plugin.path}`,
        {
          hint: 'Give openHost only one of them, or rename one.',
        },
      )
    } else shadowed.push(candidate)
  }
  return { chosen: [...byName.values()], shadowed }
}

/** Makes an empty registry. */
export const makeRegistry = <Entry>(): Registry<Entry> => {
  const entries = new Map<string, Entry>()
  return {
    find: (name) => entries.get(name),
    get: (name) => {
      const entry = entries.get(name)
      if (entry !== undefined) return entry
      const near = nearestNames(name, [...entries.keys()])
      throw new BulkheadError('plugin.unknown', `no plugin is named "${name.slice(0, 100)}"`, {
        hint:
          near.length > 0
            ? `Did you mean ${near.join(' or ')}?`
            : entries.size === 0
              ? 'No plugins were found. A path needs a slash: ./my-plugin.'
              : `Known plugins: ${[...entries.keys()].sort().slice(0, 20).join(', ')}.`,
        details: { nearest: near },
      })
    },
    get all() {
      return [...entries.values()]
    },
    set: (name, entry) => void entries.set(name, entry),
  }
}
