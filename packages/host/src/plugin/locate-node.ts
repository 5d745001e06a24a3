// From a path that somebody named to the plugin that stands there: a folder with a manifest, a manifest, or a lone
// script or .wasm file. Parses the manifest; reads no artifact and runs nothing.

import { readdir, realpath, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import {
  BulkheadError,
  extractFrontmatter,
  type Manifest,
  type ManifestFault,
  manifestForLoneFile,
  type ManifestWarning,
  parseManifest,
} from '@bulkhead/kernel'
import { readRegularFile } from '../edge/files-node.ts'

/** Names that a manifest may have. */
export const manifestNames = ['plugin.yaml', 'plugin.yml', 'plugin.toml', 'plugin.json'] as const

const scriptLanguages: Readonly<Record<string, 'javascript' | 'typescript' | 'lua' | 'rune'>> = {
  '.js': 'javascript',
  '.mjs': 'javascript',
  '.ts': 'typescript',
  '.mts': 'typescript',
  '.lua': 'lua',
  '.rune': 'rune',
  '.rn': 'rune',
}

/** A plugin that was found. */
export interface LocatedPlugin {
  /** Real path of the folder, or of the lone file: with the name, the plugin's source. */
  readonly path: string
  /** Real path of the folder; absent for a lone file. */
  readonly root?: string
  /** Path of the manifest's text (the lone file itself when it has frontmatter); absent when there is none. */
  readonly manifestFile?: string
  readonly manifestText: string
  readonly manifest: Manifest
  readonly warnings: readonly ManifestWarning[]
  /** No manifest: the plugin asks exactly what its invocation grants. */
  readonly manifestless: boolean
}

/** A plugin that was found, or why its manifest is refused. */
export type Located =
  | { readonly ok: true; readonly plugin: LocatedPlugin }
  | {
      readonly ok: false
      readonly path: string
      readonly faults: readonly ManifestFault[]
      readonly warnings: readonly ManifestWarning[]
    }

const maxManifestBytes = 256 * 1024
const maxLoneFileBytes = 100 * 1024 * 1024

const notFound = (path: string, cause: unknown): BulkheadError =>
  new BulkheadError('artifact.missing', `${path} does not exist`, {
    hint: 'Name a plugin folder, a manifest, or a .js, .ts, .lua, .rune or .wasm file.',
    cause,
  })

/**
 * Finds the plugin at a path.
 * @throws BulkheadError `artifact.missing`, `manifest.missing`, `manifest.ambiguous`, `manifest.too-large`
 */
export const locatePlugin = async (named: string): Promise<Located> => {
  const path = await realpath(named).catch((cause: unknown) => {
    throw notFound(named, cause)
  })
  const found = await stat(path)
  if (found.isDirectory()) return locateInFolder(path, await readdir(path))
  if ((manifestNames as readonly string[]).includes(basename(path))) {
    const folder = dirname(path)
    return locateInFolder(folder, await readdir(folder))
  }
  if (!found.isFile()) throw new BulkheadError('artifact.missing', `${named} is neither a file nor a folder`)
  return locateLoneFile(path)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

const decode = (bytes: Uint8Array, path: string): string => {
  try {
    return utf8.decode(bytes)
  } catch (cause) {
    throw new BulkheadError('artifact.invalid', `${path} is not UTF-8 text`, { hint: 'Save the file as UTF-8.', cause })
  }
}

const readManifest = async (file: string, within: string, folderIsReal: boolean): Promise<string> => {
  const options = { maxBytes: maxManifestBytes, within, what: 'the manifest', folderIsReal }
  try {
    return decode(await readRegularFile(file, options), file)
  } catch (thrown) {
    if (thrown instanceof BulkheadError && thrown.code === 'artifact.too-large') {
      throw new BulkheadError('manifest.too-large', thrown.message)
    }
    throw thrown
  }
}

/**
 * Finds the plugin of a folder. `names` are those in it; `justListed` says that its real path came out of a listing of
 * the folder around it, which followed no link.
 * @throws BulkheadError `manifest.missing`, `manifest.ambiguous`, `manifest.too-large`
 */
export const locateInFolder = async (
  root: string,
  names: readonly string[],
  { justListed = false } = {},
): Promise<Located> => {
  const present = manifestNames.filter((name) => names.includes(name))
  const [name, second] = present
  if (name === undefined) {
    throw new BulkheadError('manifest.missing', `${root} holds no manifest`, {
      hint: `Add one of ${manifestNames.join(', ')}.`,
    })
  }
  if (second !== undefined) throw new BulkheadError('manifest.ambiguous', `${root} holds both ${present.join(' and ')}`)
  const file = join(root, name)
  const text = await readManifest(file, root, justListed)
  const parsed = await parseManifest({ file, text })
  if (parsed.manifest === undefined) return { ok: false, path: root, faults: parsed.faults, warnings: parsed.warnings }
  return {
    ok: true,
    plugin: {
      path: root,
      root,
      manifestFile: file,
      manifestText: text,
      manifest: parsed.manifest,
      warnings: parsed.warnings,
      manifestless: false,
    },
  }
}

const locateLoneFile = async (path: string): Promise<Located> => {
  const language = scriptLanguages[extname(path).toLowerCase()]
  if (language === undefined && extname(path).toLowerCase() !== '.wasm') {
    throw new BulkheadError('manifest.missing', `${path} is not a plugin`, {
      hint: `A lone file must end in ${[...Object.keys(scriptLanguages), '.wasm'].join(', ')}; anything else needs a manifest.`,
    })
  }
  const bytes = await readRegularFile(path, { maxBytes: maxLoneFileBytes, what: 'the plugin' })
  const text = language === undefined ? undefined : decode(bytes, path)
  const parsed = await manifestForLoneFile(path, text)
  if (parsed.manifest === undefined) return { ok: false, path, faults: parsed.faults, warnings: parsed.warnings }
  const frontmatter = text === undefined || language === undefined ? undefined : extractFrontmatter(text, language)
  const found = { path, manifest: parsed.manifest, warnings: parsed.warnings }
  return frontmatter === undefined
    ? { ok: true, plugin: { ...found, manifestText: '', manifestless: true } }
    : { ok: true, plugin: { ...found, manifestFile: path, manifestText: frontmatter.text, manifestless: false } }
}
