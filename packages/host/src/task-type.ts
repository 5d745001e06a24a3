// From a task type of a workflow to a plugin and its action.

import { BulkheadError, nearestNames } from '@bulkhead/kernel'
import type { ManagedPlugin } from './plugin/managed-plugin.ts'
import type { Registry } from './registry.ts'

/**
 * `plugin.action` or `plugin/action`. Without an action the plugin's only one is meant.
 * @throws BulkheadError `plugin.unknown`, `action.unknown`
 */
export const resolveTaskType = (
  taskType: string,
  registry: Registry<ManagedPlugin>,
): { readonly plugin: string; readonly action: string } => {
  const at = taskType.search(/[./]/)
  const plugin = registry.get(at === -1 ? taskType : taskType.slice(0, at))
  const known = Object.keys(plugin.status.actions)
  const action = at === -1 ? known[0] : taskType.slice(at + 1)
  if (action === undefined || (at === -1 && known.length !== 1)) {
    throw new BulkheadError('action.unknown', `the task type "${taskType}" names no action of ${plugin.name}`, {
      hint: `Write ${plugin.name}.<action>${known.length === 0 ? '' : `, with one of ${known.join(', ')}`}.`,
    })
  }
  if (known.length > 0 && !known.includes(action)) {
    const near = nearestNames(action, known)
    throw new BulkheadError('action.unknown', `${plugin.name} has no action "${action}"`, {
      hint: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Its actions: ${known.join(', ')}.`,
    })
  }
  return { plugin: plugin.name, action }
}
