// What a plugin's actions are, out of what its manifest and its code say of them.

import type { ActionSpec, Manifest } from '@bulkhead/kernel'

/** The manifest's actions win; where it names none, whatever the artifact exports can be called. */
export const mergeActions = (
  manifest: Manifest,
  found: Readonly<Record<string, ActionSpec>>,
): Readonly<Record<string, ActionSpec>> => {
  const declared = Object.entries(manifest.actions)
  if (declared.length === 0) return found
  return Object.fromEntries(
    declared.map(([name, spec]) => [name, { ...(Object.hasOwn(found, name) ? found[name] : {}), ...spec }]),
  )
}
