// Tools become actions. A tool's name is the server's; an action's name stands in manifests, grants and audit records,
// so it has one spelling, and no two tools share one.

import { type ActionSpec, actionNamePattern, BulkheadError, escapeLine, type JsonObject } from '@bulkhead/kernel'
import type { ListedTool } from './shapes.ts'

const maxDescriptionLength = 4096

/** What an action stands for. */
export interface ToolEntry {
  /** The name on the wire. */
  readonly tool: string
  readonly action: string
  readonly spec: ActionSpec
}

/**
 * The name of a tool's action: characters that an action's name cannot have become `_`.
 * @throws BulkheadError `output.invalid` for a name that is empty, too long, or not printable ASCII: letters of other
 *   scripts look like those of ours
 */
export const actionNameOf = (tool: string): string => {
  const isPlain = /^[\x20-\x7e]{1,64}$/.test(tool)
  const spelt = tool.replaceAll(/[^A-Za-z0-9_.-]/g, '_')
  const action = /^[A-Za-z_]/.test(spelt) ? spelt : `_${spelt}`
  if (isPlain && actionNamePattern.test(action) && action !== '__proto__') return action
  throw new BulkheadError('output.invalid', `the tool "${escapeLine(tool, 100)}" has a name that no action can have`)
}

/**
 * The actions of a list of tools, by action name.
 * @throws BulkheadError `output.invalid` where two tools become one action; capitals do not tell them apart
 */
export const actionsOf = (tools: readonly ListedTool[]): ReadonlyMap<string, ToolEntry> => {
  const entries = new Map<string, ToolEntry>()
  const takenBy = new Map<string, string>()
  for (const { name, description, inputSchema, outputSchema } of tools) {
    const action = actionNameOf(name)
    const folded = action.toLowerCase()
    const other = takenBy.get(folded)
    if (other !== undefined) {
      throw new BulkheadError(
        'output.invalid',
        `the tools "${escapeLine(other, 100)}" and "${escapeLine(name, 100)}" are both the action ${action}`,
      )
    }
    takenBy.set(folded, name)
    const spec: ActionSpec = {
      ...(typeof description === 'string' ? { description: description.slice(0, maxDescriptionLength) } : {}),
      input: inputSchema as JsonObject,
      ...(outputSchema ? { output: outputSchema } : {}),
    }
    entries.set(action, { tool: name, action, spec })
  }
  return entries
}
