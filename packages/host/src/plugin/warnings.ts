// What a person should know before granting anything.

import { defaultLimits, type Manifest } from '@bulkhead/kernel'
import type { Discovered } from './discover-node.ts'

/** Warnings of the manifest, those on broad or dangerous asks among them; one sentence each. */
export const pluginWarnings = (found: Pick<Discovered, 'plugin'>): readonly string[] => [
  ...new Set(found.plugin.warnings.map((warning) => warning.message)),
  ...raisedLimits(found.plugin.manifest),
]

/** More than the defaults is granted by policy alone; whoever reads the manifest must not take it for what holds. */
const raisedLimits = ({ execution: { limits } }: Manifest): string[] =>
  (Object.keys(limits) as (keyof typeof limits)[])
    .filter((name) => (limits[name] ?? 0) > (defaultLimits[name] ?? Number.POSITIVE_INFINITY))
    .map(
      (name) =>
        `the manifest asks for ${name} ${limits[name]}, above the default of ${defaultLimits[name]}: it gets as much as policy allows`,
    )
