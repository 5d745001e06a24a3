// Reads and pins a plugin's bytes: what is hashed here is what is run. Nothing is executed.

import { createHash } from 'node:crypto'
import { basename, dirname, extname, join, sep } from 'node:path'
import { BulkheadError, type PluginArtifact, type Principal } from '@bulkhead/kernel'
import { listFilesBelow, readFilesBelow } from '../edge/files-below-node.ts'
import { readRegularFile } from '../edge/files-node.ts'
import type { LocatedPlugin } from './locate-node.ts'

const maxArtifactBytes = 100 * 1024 * 1024
const maxSourceFiles = 5000
/** Of all source files together. */
const maxSourceBytes = maxArtifactBytes
const bundleIt = 'Bundle the plugin and ship the bundle alone.'
const fewerFiles = 'Keep in the folder what the plugin needs to run, and nothing else.'
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
  '.rn',
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
    for await (const [file, bytes] of readSources(root)) {
      feed(file, bytes)
      sources.set(file.split(sep).join('/'), createHash('sha256').update(bytes).digest('hex'))
    }
  }
  const files = new Map<string, Uint8Array>()
  if (root !== undefined && manifest.execution.tier === 'process') {
    for await (const [file, bytes] of readAll(root)) {
      feed(file, bytes)
      files.set(file.split(sep).join('/'), bytes)
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
      ...(files.size === 0 ? {} : { files }),
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

/** Every regular file: a program may open any of them. */
async function* readAll(root: string): AsyncGenerator<[file: string, bytes: Uint8Array]> {
  const files = await listFilesBelow(root, {
    maxFiles: maxSourceFiles,
    what: 'files',
    hint: fewerFiles,
    takes: (entry) => entry.isFile(),
    skips: (entry) => entry.name === '.git',
  })
  const caps = { maxBytes: maxArtifactBytes, maxTotalBytes: maxSourceBytes }
  yield* readFilesBelow({ root, files, ...caps, what: 'file', hint: fewerFiles })
}

async function* readSources(root: string): AsyncGenerator<[file: string, bytes: Uint8Array]> {
  const files = await listFilesBelow(root, {
    maxFiles: maxSourceFiles,
    what: 'source files',
    hint: bundleIt,
    takes: (entry) => entry.isFile() && sourceEndings.has(extname(entry.name)),
    skips: (entry) => entry.name === '.git',
  })
  const caps = { maxBytes: maxArtifactBytes, maxTotalBytes: maxSourceBytes }
  yield* readFilesBelow({ root, files, ...caps, what: 'source file', hint: bundleIt })
}
