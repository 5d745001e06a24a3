// Looks at a plugin without running any of it: for `validate`, `show` and whoever is asked to grant something.

import { asBulkheadError, type BulkheadError } from '@bulkhead/kernel'
import type { PluginInfo } from '../api.ts'
import type { PluginReport } from '../reports.ts'
import { openHome } from '../state/home-node.ts'
import { isTrusted, projectFolderName } from '../state/trust-node.ts'
import { join } from 'node:path'
import { discoverFolder } from './discover-node.ts'
import { locatePlugin } from './locate-node.ts'
import { type PinnedPlugin, readArtifact } from './read-artifact-node.ts'
import { pluginWarnings } from './warnings.ts'

/**
 * Parses the manifest and hashes the artifact. All faults are reported at once; a missing artifact is a warning, for
 * a plugin may be looked at before it is built.
 * @throws BulkheadError `artifact.missing`, `manifest.missing`, `manifest.ambiguous`, `manifest.too-large`
 */
export const inspectPlugin = async (path: string): Promise<PluginReport> => (await readPlugin(path)).report

/** As {@link inspectPlugin}, with the bytes that were hashed. @throws BulkheadError as {@link inspectPlugin} */
export const readPlugin = async (
  path: string,
): Promise<{ readonly report: PluginReport; readonly pinned?: PinnedPlugin }> => {
  const located = await locatePlugin(path)
  if (!located.ok) {
    const warnings = located.warnings.map((warning) => warning.message)
    return { report: { path: located.path, faults: located.faults, warnings } }
  }
  const warnings = [...pluginWarnings({ plugin: located.plugin })]
  let pinned: PinnedPlugin | undefined
  try {
    pinned = await readArtifact(located.plugin)
  } catch (thrown) {
    const error: BulkheadError = asBulkheadError(thrown)
    warnings.push(`${error.message}. ${error.hint}`)
  }
  const { path: at, manifest } = located.plugin
  const report: PluginReport = { path: at, manifest, faults: [], warnings }
  return pinned === undefined ? { report } : { report: { ...report, digest: pinned.principal.digest }, pinned }
}

/** Where to look for an installed plugin. */
export interface InstalledSearch {
  readonly home: string
  readonly workspaceRoot: string
}

/**
 * The path of an installed plugin: the project's when its folder is trusted, else the home's.
 * @returns undefined when no plugin of that name is installed
 */
export const findInstalled = async (
  name: string,
  search: InstalledSearch,
): Promise<{ readonly path: string; readonly origin: PluginInfo['origin'] } | undefined> => {
  const home = await openHome(search.home)
  const trusted = (await isTrusted({ home, folder: search.workspaceRoot })) === 'trusted'
  const project = trusted
    ? (await discoverFolder(join(search.workspaceRoot, projectFolderName, 'plugins'), 'project')).found
    : []
  const found = [...project, ...(await discoverFolder(join(home, 'plugins'), 'home')).found]
  const match = found.find((entry) => entry.plugin.manifest.name === name)
  return match === undefined ? undefined : { path: match.plugin.path, origin: match.origin }
}
