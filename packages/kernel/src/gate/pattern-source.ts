// The compiled set of one source of patterns (one principal's grants, one workspace), kept while the source says the same.
// A changed list is noticed on the very next question, so that a revoked grant is never answered from a stale set.

import { splitCapability } from '../capability/parse.ts'
import { compilePattern } from '../capability/pattern.ts'
import { type CapabilitySet, makeCapabilitySet } from '../capability/set.ts'
import { BulkheadError } from '../errors.ts'

/** What relative patterns are resolved against. */
export interface SetRoots {
  readonly workspaceRoot: string
  readonly home?: string
}

/**
 * What to do with a pattern that cannot be read, or not be resolved against these roots. `allow`: it allows nothing and
 * does not take the others with it. `deny`: it restricts, so it means every scope of its name.
 */
export type PatternUse = 'allow' | 'deny'

interface Entry {
  readonly workspaceRoot: string
  readonly home: string | undefined
  readonly patterns: readonly string[]
  readonly further: readonly string[]
  readonly set: CapabilitySet
}

/** Workspaces with a folder of their own for which one source's set is kept. */
const mostRoots = 64

const none: readonly string[] = Object.freeze([])

/** See the file's head. */
export class PatternSource {
  readonly #readable: (pattern: string, roots: SetRoots) => readonly string[]
  readonly #entries = new Map<string, Entry>()
  #last: Entry | undefined

  constructor(use: PatternUse) {
    this.#readable = use === 'allow' ? readableForAllowing : readableForDenying
  }

  /** The set of all the patterns of both lists, as they are now. */
  setOf(roots: SetRoots, patterns: readonly string[], further: readonly string[] = none): CapabilitySet {
    const last = this.#last
    if (last !== undefined && isOf(last, roots, patterns, further)) return last.set
    const held = this.#entries.get(roots.workspaceRoot)
    const entry =
      held !== undefined && isOf(held, roots, patterns, further) ? held : this.#compile(roots, patterns, further)
    this.#last = entry
    return entry.set
  }

  #compile(roots: SetRoots, patterns: readonly string[], further: readonly string[]): Entry {
    const { workspaceRoot, home } = roots
    const kept = { patterns: keep(patterns), further: keep(further) }
    const readable = [...kept.patterns, ...kept.further].flatMap((pattern) => this.#readable(pattern, roots))
    const entry: Entry = { workspaceRoot, home, ...kept, set: makeCapabilitySet(readable, roots) }
    this.#entries.delete(workspaceRoot)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size >= mostRoots && oldest !== undefined) this.#entries.delete(oldest)
    this.#entries.set(workspaceRoot, entry)
    return entry
  }
}

/** A frozen list stays what it is; any other may change under our hands. */
const keep = (list: readonly string[]): readonly string[] => (Object.isFrozen(list) ? list : [...list])

const isOf = (entry: Entry, roots: SetRoots, patterns: readonly string[], further: readonly string[]): boolean =>
  entry.workspaceRoot === roots.workspaceRoot &&
  entry.home === roots.home &&
  same(entry.patterns, patterns) &&
  same(entry.further, further)

const same = (kept: readonly string[], given: readonly string[]): boolean => {
  if (kept === given) return true
  if (kept.length !== given.length) return false
  for (let index = 0; index < kept.length; index++) if (kept[index] !== given[index]) return false
  return true
}

const readableForAllowing = (pattern: string, roots: SetRoots): readonly string[] =>
  isPattern(pattern, roots) ? [pattern] : []

const readableForDenying = (pattern: string, roots: SetRoots): readonly string[] => {
  if (isPattern(pattern, roots)) return [pattern]
  const { name } = splitCapability(pattern)
  return isPattern(name, roots) ? [name] : ['*']
}

const isPattern = (text: string, roots: SetRoots): boolean => {
  try {
    compilePattern(text, roots)
    return true
  } catch (thrown) {
    if (thrown instanceof BulkheadError && thrown.code === 'capability.invalid') return false
    throw thrown
  }
}
