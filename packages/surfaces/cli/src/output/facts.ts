// Names and values below a heading, aligned; values are escaped here.

import { escapeLine } from '@bulkhead/host/terms'
import type { Colors } from './colors.ts'

/** A heading with an empty line above it. */
export const heading = (text: string, colors: Colors): string => `\n${colors.bold(text)}`

/** One line for each fact that is known. Names are ours, values anybody's. */
export const factsText = (
  facts: readonly (readonly [name: string, value: string | undefined])[],
  colors: Colors,
): string[] => {
  const known = facts.filter((fact): fact is readonly [string, string] => fact[1] !== undefined && fact[1] !== '')
  const width = Math.max(0, ...known.map(([name]) => name.length))
  return known.map(([name, value]) => `  ${colors.dim(name.padEnd(width))}  ${escapeLine(value)}`)
}
