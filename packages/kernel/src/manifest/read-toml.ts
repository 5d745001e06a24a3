// Reads TOML 1.0 into a tree with positions: the values come from smol-toml, the positions from toml-positions.ts.

import { parse, TomlDate, TomlError } from 'smol-toml'
import {
  depthFault,
  isTable,
  lineFinder,
  makeTable,
  maxManifestDepth,
  nestsDeeperThan,
  Positions,
  type SourceTree,
} from './source-tree.ts'
import { tomlPositions } from './toml-positions.ts'

const toPlain = (value: unknown): unknown => {
  if (value instanceof TomlDate) return value.isValid() ? value.toISOString() : 'invalid date'
  if (Array.isArray(value)) return value.map(toPlain)
  if (!isTable(value)) return value
  const table = makeTable()
  for (const [key, member] of Object.entries(value)) table[key] = toPlain(member)
  return table
}

/** Parses a manifest in TOML. Never throws. */
export const readToml = (text: string): SourceTree => {
  try {
    const value = parse(text, { maxDepth: maxManifestDepth })
    if (nestsDeeperThan(value, maxManifestDepth)) {
      return { value: undefined, positions: new Positions(), faults: [depthFault()] }
    }
    return { value: toPlain(value), positions: tomlPositions(text, lineFinder(text)), faults: [] }
  } catch (thrown) {
    const at = thrown instanceof TomlError ? { line: thrown.line, column: thrown.column } : { line: 1, column: 1 }
    const message = (thrown instanceof Error ? thrown.message : String(thrown)).split('\n')[0] ?? ''
    return {
      value: undefined,
      positions: new Positions(),
      faults: [
        {
          path: [],
          message: `is not TOML: ${message.replace(/^Invalid TOML document: /, '').slice(0, 200)}`,
          mend: 'Correct the TOML at that place.',
          at,
        },
      ],
    }
  }
}
