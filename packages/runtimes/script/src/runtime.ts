// The script tier on the host's side: turns a plugin's sources into one module and opens a cell that runs it. No guest
// code runs here.

import { posix } from 'node:path'
import { CellFleet, type Cells, moduleBeside } from '@bulkhead/cell'
import {
  BulkheadError,
  type LoadedPlugin,
  type Manifest,
  type PluginArtifact,
  type Runtime,
  type RuntimeLoadOptions,
} from '@bulkhead/kernel'
import { stop } from 'esbuild'
import { type Bundle, bundleSources } from './bundle/bundle.ts'
import { openFolderTree } from './bundle/folder-tree-node.ts'
import { makeMemoryTree, type SourceTree } from './bundle/source-tree.ts'
import { readInterpreter } from './interpreter-node.ts'
import { interpreterModuleName, type ScriptExtra } from './driver.ts'

const maxCachedBundles = 64

/** How many runtimes of this process may have esbuild's service running; the last one to go ends it. */
let openRuntimes = 0

/**
 * Makes the runtime of the script tier: JavaScript and TypeScript. Disposing it ends every plugin that it loaded and the
 * bundler's process; later loads are refused. Its plugins run in `cells`, which are the caller's to dispose; in some of its
 * own when absent.
 */
export const makeScriptRuntime = (cells?: Cells): Runtime => {
  const bundles = new Map<string, Promise<Bundle>>()
  const fleet = new CellFleet('the script runtime', cells)
  let interpreter: Promise<Uint8Array> | undefined
  let closed = false
  openRuntimes++

  const bundleOf = (artifact: PluginArtifact, limits: RuntimeLoadOptions['limits']): Promise<Bundle> => {
    const key = `${artifact.digest} ${artifact.root ?? ''} ${artifact.entry}`
    const known = bundles.get(key)
    if (known !== undefined) return known
    const made = makeBundle(artifact, limits.fileSizeBytes)
    bundles.set(key, made)
    made.catch(() => bundles.delete(key))
    const [oldest] = bundles.keys()
    if (bundles.size > maxCachedBundles && oldest !== undefined) bundles.delete(oldest)
    return made
  }

  return {
    tier: 'script',
    load: async (artifact, options): Promise<LoadedPlugin> => {
      fleet.requireOpen()
      requireJavaScript(artifact.manifest)
      const bundle = await bundleOf(artifact, options.limits)
      interpreter ??= readInterpreter()
      const extra: ScriptExtra = {
        areas: areasOf(artifact.manifest),
        ...(bundle.map === undefined ? {} : { map: bundle.map }),
      }
      return fleet.open({
        boundary: options.boundary,
        domain: options.domain,
        driverUrl: moduleBeside(import.meta.url, 'driver'),
        signal: options.signal,
        log: (level, message) => options.log(level, message),
        artifact: {
          name: artifact.manifest.name,
          digest: artifact.digest,
          entry: artifact.entry,
          bytes: new TextEncoder().encode(bundle.code),
          modules: [{ name: interpreterModuleName, bytes: await interpreter }],
          config: options.config,
          functions: options.functions,
          limits: options.limits,
          isolation: artifact.manifest.execution.isolation,
          extra: { ...extra },
        },
      })
    },
    [Symbol.asyncDispose]: async () => {
      if (closed) return
      closed = true
      bundles.clear()
      openRuntimes--
      await fleet[Symbol.asyncDispose]()
      if (openRuntimes === 0) await stop()
    },
  }
}

const requireJavaScript = ({ name, execution: { language } }: Manifest): void => {
  if (language === undefined || language === 'javascript' || language === 'typescript') return
  throw new BulkheadError('runtime.missing', `${name} is written in ${language}, which this build does not run`)
}

const makeBundle = async (artifact: PluginArtifact, maxFileBytes: number): Promise<Bundle> => {
  const plain = plainModule(artifact)
  if (plain !== undefined) return { code: plain }
  const entry = posix.normalize(artifact.entry)
  const pinned = makeMemoryTree(new Map([[entry, artifact.entryBytes]]))
  const folder =
    artifact.root === undefined
      ? undefined
      : await openFolderTree(artifact.root, {
          maxFileBytes,
          ...(artifact.sources === undefined ? {} : { pinned: artifact.sources }),
        })
  // The entry is what the host read and hashed, whatever lies on the disk by now.
  const tree: SourceTree = { read: async (path) => (await pinned.read(path)) ?? folder?.read(path) }
  return bundleSources({ entry, tree })
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

const areaOfName: Readonly<Record<string, string>> = {
  network: 'http',
  http: 'http',
  filesystem: 'fs',
  fs: 'fs',
  env: 'env',
  storage: 'kv',
  kv: 'kv',
}

/** The areas of the context that a manifest asks for: those whose capabilities it names. */
const areasOf = (manifest: Manifest): string[] => {
  const areas = manifest.asks.map(({ capability }) => {
    const name = capability.split(/[.:*]/, 1)[0] ?? ''
    return name === '' ? Object.values(areaOfName) : [areaOfName[name]]
  })
  return [...new Set(areas.flat())].filter((area): area is string => area !== undefined)
}
