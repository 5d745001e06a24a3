// Reads and pins a plugin's bytes: what is hashed here is what is run. Nothing is executed.

import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { basename, dirname, extname, join, relative, sep } from 'node:path'
import { BulkheadError, type PluginArtifact, type Principal } from '@bulkhead/kernel'
import { readRegularFile } from '../edge/files-node.ts'
import type { LocatedPlugin } from './locate-node.ts'

const maxArtifactBytes = 100 * 1024 * 1024
const maxSourceFiles = 5000
const sourceEndings = new Set([
  '.js',
  '.mjs',
  '.cjs',
  '.ts',
  '.mts',
  '.cts',
  '.tsx',
  '.jsx',
  '.json',
  '.txt',
  '.lua',
  '.rune',
])

/** The artifact with the principal that it makes. */
export interface PinnedPlugin {
  readonly artifact: PluginArtifact
  readonly principal: Principal
}

/**
 * Reads entry and modules and computes the digest over manifest and every byte that can take part in a run.
 * @throws BulkheadError `artifact.missing`, `artifact.outside`, `artifact.too-large`
 */
export const readArtifact = async (plugin: LocatedPlugin): Promise<PinnedPlugin> => {
  const { manifest, root } = plugin
  const folder = root ?? dirname(plugin.path)
  const entry = root === undefined ? basename(plugin.path) : manifest.execution.entry
  if (entry === undefined) {
    throw new BulkheadError('artifact.missing', `the manifest of ${manifest.name} names no execution.entry`, {
      hint: 'Add execution.entry with the path of the script or .wasm file.',
    })
  }
  const read = (path: string, what: string): Promise<Uint8Array> =>
    readRegularFile(join(folder, path), { maxBytes: maxArtifactBytes, within: folder, what })

  const entryBytes = await read(entry, `the entry of ${manifest.name},`)
  const modules = await Promise.all(
    manifest.execution.modules.map(async ({ name, path }) => ({
      name,
      bytes: await read(path, `the module ${name} of ${manifest.name},`),
    })),
  )

  const sources = new Map<string, string>()
  const hash = createHash('sha256')
  const feed = (name: string, bytes: Uint8Array): void => {
    hash.update(`${JSON.stringify(name)} ${bytes.byteLength}\n`).update(bytes)
  }
  feed('manifest', new TextEncoder().encode(plugin.manifestText))
  feed(entry, entryBytes)
  for (const module of modules) feed(`module ${module.name}`, module.bytes)
  if (root !== undefined && manifest.execution.tier === 'script') {
    for (const file of await listSources(root)) {
      const bytes = await read(file, 'the source file')
      feed(file, bytes)
      sources.set(file.split(sep).join('/'), createHash('sha256').update(bytes).digest('hex'))
    }
  }
  const digest = hash.digest('hex')

  return {
    artifact: {
      manifest,
      digest,
      entry: entry.split(sep).join('/'),
      entryBytes,
      ...(root === undefined ? {} : { root, sources }),
      modules,
    },
    principal: { id: principalId(plugin), name: manifest.name, digest },
  }
}

/** Where a plugin's code and manifest are: its folder and the files that it names, or the lone file. */
export const codePaths = ({ path, root, manifestFile, manifest }: LocatedPlugin): readonly string[] => {
  if (root === undefined) return [path]
  const { entry, modules } = manifest.execution
  const files = [...(entry === undefined ? [] : [entry]), ...modules.map((module) => module.path)]
  return [root, ...(manifestFile === undefined ? [] : [manifestFile]), ...files.map((file) => join(root, file))]
}

/** Source and name: plugins of one name from elsewhere are somebody else. */
export const principalId = (plugin: Pick<LocatedPlugin, 'path' | 'manifest'>): string =>
  `file:${plugin.path}#${plugin.manifest.name}`

const listSources = async (root: string): Promise<string[]> => {
  const files: string[] = []
  const walk = async (at: string): Promise<void> => {
    for (const entry of await readdir(at, { withFileTypes: true })) {
      if (entry.name === '.git') continue
      const full = join(at, entry.name)
      if (entry.isDirectory()) await walk(full)
      else if (entry.isFile() && sourceEndings.has(extname(entry.name))) files.push(relative(root, full))
      if (files.length > maxSourceFiles) {
        throw new BulkheadError('artifact.too-large', `${root} holds more than ${maxSourceFiles} source files`, {
          hint: 'Bundle the plugin and ship the bundle alone.',
        })
      }
    }
  }
  await walk(root)
  return files.sort()
}
