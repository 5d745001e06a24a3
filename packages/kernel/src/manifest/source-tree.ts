// What the three readers (YAML, TOML, JSON) have in common: a plain value, the position of each field in the text, and
// the faults that the syntax itself has. Nothing here knows what a manifest means.

import type { FaultAtPath, FieldPath, Position } from './fault.ts'

/** Greatest length of a manifest, bytes of UTF-8 (counted as UTF-16 code units before that: never fewer bytes). */
export const maxManifestBytes = 256 * 1024
/** Deepest nesting of tables and lists in a manifest. */
export const maxManifestDepth = 64

/** A fault of the syntax, with the position that the reader knows. */
export interface SyntaxFault extends FaultAtPath {
  readonly at?: Position
}

/** A manifest as read: syntax gone, meaning not yet looked at. */
export interface SourceTree {
  /** Plain data whose objects have no prototype; undefined when the text could not be read at all. */
  readonly value: unknown
  readonly positions: Positions
  readonly faults: readonly SyntaxFault[]
}

/** Where each field stands. */
export class Positions {
  readonly #places = new Map<string, Position>()

  /** Notes a field's place; the first one stays. */
  note(path: FieldPath, at: Position): void {
    const key = JSON.stringify(path)
    if (!this.#places.has(key)) this.#places.set(key, at)
  }

  /** The place of the field, or of the nearest table around it, or the first line. */
  find(path: FieldPath): Position {
    for (let length = path.length; length >= 0; length--) {
      const at = this.#places.get(JSON.stringify(path.slice(0, length)))
      if (at !== undefined) return at
    }
    return { line: 1, column: 1 }
  }
}

/** Turns offsets into positions. Offsets must lie in the text. */
export const lineFinder = (text: string): ((offset: number) => Position) => {
  const starts = [0]
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return (offset) => {
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 }
  }
}

/** A table without a prototype, so that `constructor` and the like are ordinary absent keys. */
export const makeTable = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>

/** Whether the value is a table (not a list, not null). */
export const isTable = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Whether plain data nests deeper than `maxDepth` levels. Does not recurse, so that the answer itself is safe. */
export const nestsDeeperThan = (value: unknown, maxDepth: number): boolean => {
  let level: unknown[] = [value]
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) return true
    level = level.flatMap((member) =>
      typeof member === 'object' && member !== null
        ? Object.values(member).filter((m) => typeof m === 'object' && m !== null)
        : [],
    )
  }
  return false
}

/** The fault of a text that nests too deeply. */
export const depthFault = (at?: Position): SyntaxFault => ({
  path: [],
  message: `nests deeper than ${maxManifestDepth} levels`,
  mend: 'Flatten it; no manifest needs that depth.',
  ...(at === undefined ? {} : { at }),
})

/** The fault of a text that is short enough and still says too much. */
export const sizeFault = (at: Position): SyntaxFault => ({
  path: [],
  message: 'has more fields than any manifest needs',
  mend: 'Move long lists and schemas out of the manifest.',
  at,
})

/** Most faults that are looked for further; the first ones are the ones to mend. */
export const maxFaults = 100

/** The fault of a key that stands twice in one table. */
export const duplicateFault = (path: FieldPath, at: Position): SyntaxFault => ({
  path,
  message: 'stands twice in the same table',
  mend: 'Keep one of the two.',
  at,
})
