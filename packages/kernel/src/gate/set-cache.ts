// Compiled sets, kept while their source says the same. A changed list is noticed on the very next question, so that a
// revoked grant is never answered from a stale set.

import { type CapabilitySet, makeCapabilitySet } from '../capability/set.ts'
import { BulkheadError } from '../errors.ts'

/** Gives the compiled set of a list. */
export interface SetCache {
  /**
   * `key` names the source (one principal's grants, one workspace). Grants that are no patterns are left out: they
   * allow nothing, and one bad line does not take the others with it.
   */
  get(key: string, patterns: readonly string[], roots: { workspaceRoot: string; home?: string }): CapabilitySet
  clear(): void
}

interface Entry {
  readonly patterns: readonly string[]
  readonly set: CapabilitySet
}

/** Makes a cache of at most `most` sets; the one made longest ago leaves first. */
export const makeSetCache = (most = 1024): SetCache => {
  const entries = new Map<string, Entry>()
  return {
    get: (key, patterns, roots) => {
      const at = `${roots.workspaceRoot}\u0000${key}`
      const held = entries.get(at)
      if (held !== undefined && same(held.patterns, patterns)) return held.set
      entries.delete(at)
      if (entries.size >= most) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      const copy = [...patterns]
      const set = makeCapabilitySet(
        copy.filter((pattern) => isPattern(pattern, roots)),
        roots,
      )
      entries.set(at, { patterns: copy, set })
      return set
    },
    clear: () => entries.clear(),
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, index) => text === b[index])

const isPattern = (text: string, roots: { workspaceRoot: string; home?: string }): boolean => {
  try {
    makeCapabilitySet([text], roots)
    return true
  } catch (thrown) {
    if (thrown instanceof BulkheadError && thrown.code === 'capability.invalid') return false
    throw thrown
  }
}
