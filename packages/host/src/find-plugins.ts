// Finds the plugins of a host: those it was given, the trusted project's and the state folder's.

import { join } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel'
import type { HostOptions } from './api.ts'
import type { SkippedPlugin } from './host-events.ts'
import { type Discovered, discoverFolder, discoverGiven } from './plugin/discover-node.ts'
import { chooseByName } from './registry.ts'
import { isTrusted, projectFolderName } from './state/trust-node.ts'

/** Where to look, and whom to tell of what was skipped. */
export interface PluginSearch {
  readonly options: HostOptions
  readonly home: string
  readonly workspaceRoot: string
  skip(entry: SkippedPlugin): void
}

/**
 * Finds them, one for each name.
 * @throws BulkheadError for a given path that is no plugin, or two given plugins of one name
 */
export const findPlugins = async ({
  options,
  home,
  workspaceRoot,
  skip,
}: PluginSearch): Promise<readonly Discovered[]> => {
  const searches = await Promise.all((options.plugins ?? []).map((path) => discoverGiven(path)))
  if (options.discover === true) {
    const trust = await isTrusted({ home, folder: workspaceRoot })
    const projectPlugins = join(workspaceRoot, projectFolderName, 'plugins')
    if (trust === 'trusted') searches.push(await discoverFolder(projectPlugins, 'project'))
    else if (trust !== 'absent') {
      skip({ path: projectPlugins, error: untrusted(workspaceRoot, trust).toJSON() })
    }
    searches.push(await discoverFolder(join(home, 'plugins'), 'home'))
  }
  for (const search of searches) for (const entry of search.skipped) skip(entry)
  const { chosen } = chooseByName(searches.flatMap((search) => search.found))
  return chosen
}

const untrusted = (workspaceRoot: string, trust: 'absent' | 'untrusted' | 'changed'): BulkheadError => {
  const folder = join(workspaceRoot, projectFolderName)
  const what = { absent: 'is gone', untrusted: 'is not trusted', changed: 'changed since it was trusted' }[trust]
  return new BulkheadError('trust.required', `${folder} ${what}, so nothing in it is used`, {
    hint: `Look at it, then run: bulkhead trust ${workspaceRoot}`,
  })
}
