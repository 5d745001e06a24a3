// Looks for plugins below folders. One that cannot be used is reported and skipped; it never stops the others.

import { type Dirent, readdir as readdirWithCallback } from 'node:fs'
import { access, readdir, realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import type { PluginInfo } from '../api.ts'
import type { SkippedPlugin } from '../host-events.ts'
import { faultsError } from './faults.ts'
import { type Located, type LocatedPlugin, locateInFolder, locatePlugin, manifestNames } from './locate-node.ts'

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

const isEnabled = async (root: string | undefined): Promise<boolean> =>
  root === undefined || !(await exists(join(root, disabledMarker)))

const requirePlugin = (located: Located): LocatedPlugin => {
  if (!located.ok) throw faultsError(located.path, located.faults)
  return located.plugin
}

/** Locates the plugin at a path that somebody named; faults become an error. */
export const locateNamed = async (path: string, origin: PluginInfo['origin']): Promise<Discovered> => {
  const plugin = requirePlugin(await locatePlugin(path))
  return { plugin, origin, enabled: await isEnabled(plugin.root) }
}

const hasManifest = (names: readonly string[]): boolean => manifestNames.some((name) => names.includes(name))

// With a callback underneath: the promises' own readdir costs about twice as much.
const list = promisify(readdirWithCallback)

const namesIn = (folder: string): Promise<readonly string[]> => list(folder).catch(() => [])

/** Folders that are looked at at a time: enough to keep the disk busy while manifests are parsed. */
const foldersAtATime = 32

type Search = () => Promise<Discovered | undefined>

/** A folder that the listing of a real folder named as one, so no link: `path` is real. */
const searchFolder =
  (path: string, origin: PluginInfo['origin']): Search =>
  async () => {
    const names = await namesIn(path)
    if (!hasManifest(names)) return undefined
    const plugin = requirePlugin(await locateInFolder(path, names, { justListed: true }))
    return { plugin, origin, enabled: !names.includes(disabledMarker) || (await isEnabled(path)) }
  }

/** Finds every plugin directly below a folder. A missing folder holds none. */
export const discoverFolder = async (folder: string, origin: PluginInfo['origin']): Promise<Discovery> => {
  let real: string
  try {
    real = await realpath(folder)
  } catch {
    return { found: [], skipped: [] }
  }
  const entries = (await readdir(real, { withFileTypes: true }))
    .filter((entry) => !entry.name.startsWith('.'))
    .sort((a, b) => (a.name < b.name ? -1 : 1))
  const outcomes = new Map<string, Discovered | SkippedPlugin>()
  const look = async (path: string, search: Search): Promise<void> => {
    try {
      const found = await search()
      if (found !== undefined) outcomes.set(path, found)
    } catch (thrown) {
      outcomes.set(path, { path, error: asBulkheadError(thrown).toJSON() })
    }
  }
  const folders = entries.filter((entry) => entry.isDirectory()).values()
  const lookAtFolders = async (): Promise<void> => {
    for (const { name } of folders) {
      const path = join(real, name)
      await look(path, searchFolder(path, origin))
    }
  }
  await Promise.all(Array.from({ length: foldersAtATime }, lookAtFolders))
  // One at a time: a lone file is read whole, and may be large.
  for (const entry of entries.filter(isLoneFile)) {
    const path = join(real, entry.name)
    await look(path, () => locateNamed(path, origin))
  }
  const inOrder = entries.flatMap(({ name }) => outcomes.get(join(real, name)) ?? [])
  return {
    found: inOrder.filter((outcome) => 'plugin' in outcome),
    skipped: inOrder.filter((outcome) => 'error' in outcome),
  }
}

const isLoneFile = (entry: Dirent): boolean =>
  entry.isFile() && /\.(?:js|mjs|ts|mts|lua|rune|rn|wasm)$/.test(entry.name) && !entry.name.endsWith('.d.ts')

/** A path of `openHost({ plugins })`: a plugin, or a folder of plugins. @throws BulkheadError when it does not exist */
export const discoverGiven = async (path: string): Promise<Discovery> => {
  const entries = await readdir(path, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOTDIR') return undefined
    throw new BulkheadError(
      'artifact.missing',
      cause.code === 'ENOENT' ? `${path} does not exist` : `${path} cannot be read (${cause.code ?? 'error'})`,
      {
        hint: 'Name a plugin folder, a manifest, a .js, .ts, .lua, .rune or .wasm file, or a folder of plugins.',
        cause,
      },
    )
  })
  if (entries === undefined || hasManifest(entries.map((entry) => entry.name)))
    return { found: [await locateNamed(path, 'given')], skipped: [] }
  return discoverFolder(path, 'given')
}
