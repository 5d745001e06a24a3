// What a person should know before granting anything.

import { broadWarnings } from '@bulkhead/kernel'
import type { Discovered } from './discover-node.ts'

/** Warnings of the manifest and on broad or dangerous asks, one sentence each. */
export const pluginWarnings = (found: Pick<Discovered, 'plugin'>): readonly string[] => [
  ...found.plugin.warnings.map((warning) => warning.message),
  ...broadWarnings(found.plugin.manifest.asks.map((ask) => ask.capability)).map((warning) => warning.message),
]
