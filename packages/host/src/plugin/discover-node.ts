// Looks for plugins below folders. One that cannot be used is reported and skipped; it never stops the others.

import { access, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import type { PluginInfo, SkippedPlugin } from '../api.ts'
import { faultsError } from './faults.ts'
import { type LocatedPlugin, locatePlugin, manifestNames } from './locate-node.ts'

/** A plugin with the place it was found in. */
export interface Discovered {
  readonly plugin: LocatedPlugin
  readonly origin: PluginInfo['origin']
  readonly enabled: boolean
}

/** What a search found. */
export interface Discovery {
  readonly found: readonly Discovered[]
  readonly skipped: readonly SkippedPlugin[]
}

/** Marks a disabled plugin in the state folder's plugins. */
export const disabledMarker = '.disabled'

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** Locates the plugin at a path that somebody named; faults become an error. */
export const locateNamed = async (path: string, origin: PluginInfo['origin']): Promise<Discovered> => {
  const located = await locatePlugin(path)
  if (!located.ok) throw faultsError(located.path, located.faults)
  const root = located.plugin.root
  return { plugin: located.plugin, origin, enabled: root === undefined || !(await exists(join(root, disabledMarker))) }
}

const holdsManifest = async (folder: string): Promise<boolean> => {
  const names = new Set(await readdir(folder).catch(() => [] as string[]))
  return manifestNames.some((name) => names.has(name))
}

/** Finds every plugin directly below a folder. A missing folder holds none. */
export const discoverFolder = async (folder: string, origin: PluginInfo['origin']): Promise<Discovery> => {
  const found: Discovered[] = []
  const skipped: SkippedPlugin[] = []
  let real: string
  try {
    real = await realpath(folder)
  } catch {
    return { found, skipped }
  }
  const entries = (await readdir(real, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    if (entry.name.startsWith('.')) continue
    const path = join(real, entry.name)
    const isCandidate = entry.isDirectory()
      ? await holdsManifest(path)
      : entry.isFile() && /\.(?:js|mjs|ts|mts|lua|rune|wasm)$/.test(entry.name) && !entry.name.endsWith('.d.ts')
    if (!isCandidate) continue
    try {
      found.push(await locateNamed(path, origin))
    } catch (thrown) {
      skipped.push({ path, error: asBulkheadError(thrown).toJSON() })
    }
  }
  return { found, skipped }
}

/** A path of `openHost({ plugins })`: a plugin, or a folder of plugins. @throws BulkheadError when it does not exist */
export const discoverGiven = async (path: string): Promise<Discovery> => {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOTDIR') return undefined
    throw new BulkheadError(
      'artifact.missing',
      cause.code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read (${cause.code ?? 'error'})`,
      { hint: 'Name a plugin folder, a manifest, a .js, .ts or .wasm file, or a folder of plugins.', cause },
    )
  })
  if (entries === undefined || (await holdsManifest(path)))
    return { found: [await locateNamed(path, 'given')], skipped: [] }
  return discoverFolder(path, 'given')
}
