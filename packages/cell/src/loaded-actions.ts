// The actions that a cell says its guest has. They come from where the guest runs, so that nothing is taken for granted but a
// table of a bounded size; what a schema in it is worth is for whoever compiles it.

import type { ActionSpec } from '@bulkhead/kernel'
import { BulkheadError, type JsonCaps, parseJson, riskLevels } from '@bulkhead/kernel/wire'
import type { Content } from './streams.ts'

/** Schemas of all actions together. */
const caps: JsonCaps = { maxLength: 8 * 1024 * 1024, maxDepth: 128, maxMembers: 250_000 }

/** @throws BulkheadError `plugin.crashed` for what is no such table, `input.*` for one beyond the caps */
export const parseActions = (content: Content): Readonly<Record<string, ActionSpec>> => {
  if (content.kind !== 'value') throw noActions()
  const actions = parseJson(content.payload.json, 'the actions of the plugin', caps)
  if (!isRecord(actions) || !Object.values(actions).every(isActionSpec)) throw noActions()
  return actions as Readonly<Record<string, ActionSpec>>
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSchema = (value: unknown): boolean => value === undefined || typeof value === 'boolean' || isRecord(value)

const isActionSpec = (value: unknown): value is ActionSpec => {
  if (!isRecord(value)) return false
  const { description = '', input, output, risk, timeoutMs = 0 } = value
  return (
    typeof description === 'string' &&
    isSchema(input) &&
    isSchema(output) &&
    (risk === undefined || riskLevels.some((level) => level === risk)) &&
    typeof timeoutMs === 'number' &&
    timeoutMs >= 0
  )
}

const noActions = (): BulkheadError =>
  new BulkheadError(
    'plugin.crashed',
    'the compartment answered the load of a plugin with something else than its actions',
  )
