// Bundles of whole plugins: whoever loads plugins of the SDK opens a bundler, and gets one module of each artifact. No guest
// code runs here.

import { posix } from 'node:path'
import type { PluginArtifact } from '@bulkhead/kernel'
import type { Bundle, BundleRequest } from './bundle.ts'
import { openFolderTree } from './folder-tree-node.ts'
import { makeMemoryTree, type SourceTree } from './source-tree.ts'

const maxCachedBundles = 64

/** They bring esbuild: a plugin that runs as it stands, or is bundled apart, does without. */
const load = { bundling: () => import('./bundle.ts'), process: () => import('./bundler-process-node.ts') }
/** Whether sources were bundled in this process, so that esbuild's service may be running. */
let hasBundled = false

/** How many bundlers of this process may have esbuild's service running; the last one to go ends it. */
let openBundlers = 0

/** What a bundle is made for. */
export interface BundleOptions {
  /** Of one file. */
  readonly maxFileBytes: number
  /**
   * Names whose sources they are: they are then bundled where nothing of anybody else's can be reached, if the bundler knows such
   * a place. In this process's own authority when absent.
   */
  readonly domain?: string
  /** Whether an entry that needs no bundling may run as it stands, its faults found by the engine; true when absent. */
  readonly asItStands?: boolean
}

/** Bundles in a place apart. @throws BulkheadError as {@link Bundler.bundle} */
export type BundleApart = (request: BundleRequest, whose: { name: string; domain: string }) => Promise<Bundle>

/** Makes bundles and keeps the latest. Disposing the last one of this process ends the bundler's process. */
export interface Bundler extends AsyncDisposable {
  /**
   * The module of an artifact: its entry as it was hashed, with what that imports of the plugin's own files.
   * @throws BulkheadError `artifact.compile`, `artifact.outside`, `artifact.too-large`, `artifact.invalid`
   */
  bundle(artifact: PluginArtifact, options: BundleOptions): Promise<Bundle>
}

/** Opens a bundler. It starts nothing before it is needed. */
export const openBundler = (apart?: BundleApart): Bundler => {
  const bundles = new Map<string, Promise<Bundle>>()
  let closed = false
  openBundlers++
  return {
    bundle: (artifact, options) => {
      // What was made apart is its domain's alone.
      const key = JSON.stringify([artifact.digest, artifact.root, artifact.entry, options.domain, options.asItStands])
      const known = bundles.get(key)
      if (known !== undefined) return known
      const made = makeBundle(artifact, options, apart)
      bundles.set(key, made)
      made.catch(() => bundles.delete(key))
      const [oldest] = bundles.keys()
      if (bundles.size > maxCachedBundles && oldest !== undefined) bundles.delete(oldest)
      return made
    },
    [Symbol.asyncDispose]: async () => {
      if (closed) return
      closed = true
      bundles.clear()
      openBundlers--
      if (openBundlers === 0 && hasBundled) await (await load.process()).stopBundler()
    },
  }
}

const makeBundle = async (
  artifact: PluginArtifact,
  { maxFileBytes, domain, asItStands = true }: BundleOptions,
  apart: BundleApart | undefined,
): Promise<Bundle> => {
  const plain = asItStands ? plainModule(artifact) : undefined
  if (plain !== undefined) return { code: plain }
  const entry = posix.normalize(artifact.entry)
  const pinned = makeMemoryTree(new Map([[entry, artifact.entryBytes]]))
  const folder = await treeOf(artifact, maxFileBytes)
  // The entry is what the host read and hashed, whatever lies on the disk by now.
  const tree: SourceTree = { read: async (path) => (await pinned.read(path)) ?? folder?.read(path) }
  if (domain === undefined || apart === undefined) {
    hasBundled = true
    return (await load.bundling()).bundleSources({ entry, tree })
  }
  return apart({ entry, tree }, { name: artifact.manifest.name, domain })
}

/** The plugin's files: as the host holds them, or on the disk, checked against the hashes of what it read. */
const treeOf = async (
  { files, root, sources }: PluginArtifact,
  maxFileBytes: number,
): Promise<SourceTree | undefined> => {
  if (files !== undefined) return makeMemoryTree(files)
  if (root === undefined) return undefined
  return openFolderTree(root, { maxFileBytes, ...(sources === undefined ? {} : { pinned: sources }) })
}

/**
 * The text of an entry that needs no bundling: JavaScript without a word that could be an import, nor syntax that the
 * interpreter lacks. It then runs as it stands, and the bundler's process is not even started.
 */
const plainModule = ({ entry, entryBytes }: PluginArtifact): string | undefined => {
  if (!/\.m?js$/i.test(entry)) return undefined
  const text = new TextDecoder().decode(entryBytes)
  return /\b(?:import|require|from|using|accessor|process|module|exports)\b|@|<\//.test(text) ? undefined : text
}
