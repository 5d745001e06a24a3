// What a person should know before granting anything.

import type { Discovered } from './discover-node.ts'

/** Warnings of the manifest, those on broad or dangerous asks among them; one sentence each. */
export const pluginWarnings = (found: Pick<Discovered, 'plugin'>): readonly string[] => [
  ...new Set(found.plugin.warnings.map((warning) => warning.message)),
]
