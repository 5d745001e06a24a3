// Compiled sets, kept while their source says the same. A changed list is noticed on the very next question, so that a
// revoked grant is never answered from a stale set.

import { splitCapability } from '../capability/parse.ts'
import { compilePattern } from '../capability/pattern.ts'
import { type CapabilitySet, makeCapabilitySet } from '../capability/set.ts'
import { BulkheadError } from '../errors.ts'

/** Gives the compiled set of a list. */
export interface SetCache {
  /**
   * `key` names the source (one principal's grants, one workspace). A pattern that cannot be read, or not be resolved
   * against these roots, allows nothing and does not take the others with it.
   */
  allowSet(key: string, patterns: readonly string[], roots: SetRoots): CapabilitySet
  /** As `allowSet`, for what restricts: a pattern that cannot be resolved means every scope of its name. */
  denySet(key: string, patterns: readonly string[], roots: SetRoots): CapabilitySet
}

/** What relative patterns are resolved against. */
export interface SetRoots {
  readonly workspaceRoot: string
  readonly home?: string
}

interface Entry {
  readonly patterns: readonly string[]
  readonly set: CapabilitySet
}

/** Makes a cache of at most `most` sets; the one made longest ago leaves first. */
export const makeSetCache = (most = 1024): SetCache => {
  const entries = new Map<string, Entry>()
  const cached =
    (kind: string, readable: (pattern: string, roots: SetRoots) => readonly string[]) =>
    (key: string, patterns: readonly string[], roots: SetRoots): CapabilitySet => {
      const at = `${kind}\u0000${roots.workspaceRoot}\u0000${roots.home ?? ''}\u0000${key}`
      const held = entries.get(at)
      if (held !== undefined && same(held.patterns, patterns)) return held.set
      entries.delete(at)
      if (entries.size >= most) {
        const [oldest] = entries.keys()
        if (oldest !== undefined) entries.delete(oldest)
      }
      const copy = [...patterns]
      const set = makeCapabilitySet(
        copy.flatMap((pattern) => readable(pattern, roots)),
        roots,
      )
      entries.set(at, { patterns: copy, set })
      return set
    }
  return {
    allowSet: cached('allow', (pattern, roots) => (isPattern(pattern, roots) ? [pattern] : [])),
    denySet: cached('deny', (pattern, roots) => {
      if (isPattern(pattern, roots)) return [pattern]
      const { name } = splitCapability(pattern)
      return isPattern(name, roots) ? [name] : ['*']
    }),
  }
}

const same = (a: readonly string[], b: readonly string[]): boolean =>
  a.length === b.length && a.every((text, index) => text === b[index])

const isPattern = (text: string, roots: SetRoots): boolean => {
  try {
    compilePattern(text, roots)
    return true
  } catch (thrown) {
    if (thrown instanceof BulkheadError && thrown.code === 'capability.invalid') return false
    throw thrown
  }
}
