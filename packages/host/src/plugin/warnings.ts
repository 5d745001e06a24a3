// What a person should know before granting anything.

import type { Manifest } from '@bulkhead/kernel'
import type { Discovered } from './discover-node.ts'

/** Warnings of the manifest, those on broad or dangerous asks among them; one sentence each. */
export const pluginWarnings = (found: Pick<Discovered, 'plugin'>): readonly string[] => [
  ...new Set(found.plugin.warnings.map((warning) => warning.message)),
  ...unheldLimits(found.plugin.manifest),
]

/** A limit that looks set and is not held must not be mistaken for one that is. */
const unheldLimits = ({ execution: { limits } }: Manifest): string[] =>
  (['cpu', 'fuel'] as const)
    .filter((name) => limits[name === 'cpu' ? 'cpuMs' : 'fuel'] !== undefined)
    .map((name) => `limits.${name} is not held in this version: limits.wall bounds a call`)
