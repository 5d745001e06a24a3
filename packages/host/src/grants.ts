// Which grants of the policy are a plugin's.

import type { Principal } from '@bulkhead/kernel'
import type { PluginInfo, Policy } from './api.ts'

/**
 * Grants by principal id always count. Grants by bare name count only for plugins that the embedding program or the
 * operator put there: a project's plugin that takes the name of another must not inherit what was granted to it.
 */
export const grantsFor = (
  policy: Policy,
  principal: Principal,
  origin: PluginInfo['origin'] | undefined,
): readonly string[] => {
  const grants = policy.grants ?? {}
  const byId = Object.hasOwn(grants, principal.id) ? (grants[principal.id] ?? []) : []
  const byName = origin !== 'project' && Object.hasOwn(grants, principal.name) ? (grants[principal.name] ?? []) : []
  return [...byId, ...byName]
}
