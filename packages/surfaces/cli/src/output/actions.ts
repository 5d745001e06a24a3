// Actions for people: what each takes and gives, on one line, and what it says of itself below.

import type { ActionSpec } from '@bulkhead/host'
import { escapeLine } from '@bulkhead/host/terms'
import type { Colors } from './colors.ts'
import { proseLine } from './prose.ts'
import { schemaSummary } from './schema-summary.ts'

/** One or two escaped lines for each action. */
export const actionLines = (actions: Readonly<Record<string, ActionSpec>>, colors: Colors): string[] =>
  Object.entries(actions).flatMap(([name, { input, output, risk, description }]) => [
    `  ${colors.bold(escapeLine(name, 100))}(${takesNothing(input) ? '' : schemaSummary(input)}) → ${schemaSummary(output)}${risk === undefined ? '' : colors.dim(`  ${risk}`)}`,
    ...(description === undefined ? [] : [colors.dim(`      ${proseLine(description)}`)]),
  ])

/** An object without members, or null for it. */
const takesNothing = (input: ActionSpec['input']): boolean => {
  if (typeof input !== 'object') return false
  const { properties, additionalProperties } = input
  const names = typeof properties === 'object' && properties !== null ? Object.keys(properties) : ['']
  return names.length === 0 && additionalProperties === false
}
