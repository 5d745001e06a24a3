// What an import of a plugin means: a file of its own folder, a package under its own node_modules, or the SDK. No
// configuration is obeyed (tsconfig.json, package.json "browser" or "imports", .npmrc), and nothing outside exists.

import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { SourceTree } from './source-tree.ts'

/** Names by which plugins import the SDK and its standard library. */
export const sdkNames = ['@bulkhead/sdk', '@bulkhead/sdk/std'] as const
/** One of them. */
export type SdkName = (typeof sdkNames)[number]
/** The SDK itself, which the library imports in its turn. */
export const sdkName: SdkName = sdkNames[0]

/** One import in a source. */
export interface ImportRequest {
  /** As written. */
  readonly specifier: string
  /** The importing file, relative to the plugin's folder. */
  readonly importer: string
}

/** Where an import leads. */
export type Resolution =
  | { readonly kind: 'sdk'; readonly name: SdkName }
  | { readonly kind: 'file'; readonly path: string }

// In this order a name without its ending is tried (TypeScript's order, then JavaScript's).
const endings = ['.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx', '.json']
// In TypeScript sources an import may name the file that the compiler would write.
const writtenAs: Readonly<Record<string, readonly string[]>> = {
  '.js': ['.ts', '.tsx'],
  '.mjs': ['.mts'],
  '.cjs': ['.cts'],
  '.jsx': ['.tsx'],
}
const builtins = new Set(builtinModules)
const conditions = ['import', 'module', 'default']

/** Resolves an import. @throws BulkheadError `artifact.outside`, `artifact.compile` */
export const resolveImport = async (request: ImportRequest, tree: SourceTree): Promise<Resolution> => {
  const { specifier, importer } = request
  const ofSdk = sdkNames.find((name) => name === specifier)
  if (ofSdk !== undefined) return { kind: 'sdk', name: ofSdk }
  if (specifier.includes('\0') || specifier.length > 1024) throw fault(request, 'is not a module name')
  if (/^(?:\/|\\|[A-Za-z]:[\\/]|file:)/.test(specifier)) throw outside(request)
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) throw fault(request, schemeHint(specifier))
  const path = isRelative(specifier)
    ? await findFile(joinInside(posix.dirname(importer), request), tree)
    : await findPackageFile(request, tree)
  if (path === undefined) throw fault(request, 'names no file of the plugin')
  return { kind: 'file', path }
}

const isRelative = (specifier: string): boolean => /^\.{1,2}(?:\/|$)/.test(specifier)

const joinInside = (folder: string, request: ImportRequest): string => {
  const joined = posix.normalize(posix.join(folder, request.specifier))
  if (joined === '..' || joined.startsWith('../')) throw outside(request)
  return joined
}

const findFile = async (path: string, tree: SourceTree): Promise<string | undefined> => {
  const ending = posix.extname(path)
  const stem = path.slice(0, path.length - ending.length)
  const candidates = [
    path,
    ...endings.map((added) => path + added),
    ...(writtenAs[ending] ?? []).map((other) => stem + other),
    ...endings.map((added) => posix.join(path, `index${added}`)),
  ]
  for (const candidate of candidates) {
    if ((await tree.read(candidate)) !== undefined) return candidate
  }
  return undefined
}

const findPackageFile = async (request: ImportRequest, tree: SourceTree): Promise<string | undefined> => {
  const { specifier, importer } = request
  const match = /^((?:@[\w.~-]+\/)?[\w.~-]+)(?:\/(.+))?$/.exec(specifier)
  const name = match?.[1]
  if (name === undefined || name === '.' || name === '..') throw fault(request, 'is not a package name')
  const below = match?.[2]
  for (const folder of foldersAbove(posix.dirname(importer))) {
    const home = posix.join(folder, 'node_modules', name)
    const description = await tree.read(posix.join(home, 'package.json'))
    if (description === undefined) continue
    const wanted = packageEntry(description, below)
    const entry = wanted === undefined ? undefined : joinInside(home, { ...request, specifier: `./${wanted}` })
    if (entry !== undefined && !entry.startsWith(`${home}/`)) throw outside(request)
    return entry === undefined ? undefined : findFile(entry, tree)
  }
  const builtin = builtins.has(name) ? `is a Node module; plugins have no Node: use host.* or ${sdkName}` : undefined
  throw fault(request, builtin ?? "is not in the plugin's own node_modules")
}

const foldersAbove = (folder: string): string[] => {
  const folders: string[] = []
  for (let at = folder; ; at = posix.dirname(at)) {
    folders.push(at)
    if (at === '.' || at === '/') return folders
  }
}

/** The file that a package offers under a subpath: `exports` (Node's algorithm, in part), else `module`, else `main`. */
const packageEntry = (bytes: Uint8Array, below: string | undefined): string | undefined => {
  let description: unknown
  try {
    description = JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
  if (typeof description !== 'object' || description === null) return undefined
  const { exports, module, main } = description as Record<string, unknown>
  if (exports !== undefined && exports !== null) return exportedPath(exports, below === undefined ? '.' : `./${below}`)
  if (below !== undefined) return below
  return [module, main].find((entry): entry is string => typeof entry === 'string') ?? 'index.js'
}

const exportedPath = (exports: unknown, subpath: string): string | undefined => {
  const isMap =
    typeof exports === 'object' && exports !== null && Object.keys(exports).some((key) => key.startsWith('.'))
  if (!isMap) return subpath === '.' ? target(exports, '', 0) : undefined
  const map = exports as Record<string, unknown>
  if (Object.hasOwn(map, subpath)) return target(map[subpath], '', 0)
  for (const [key, value] of Object.entries(map)) {
    const [before, after, more] = key.split('*')
    if (before === undefined || after === undefined || more !== undefined) continue
    if (subpath.length < key.length || !subpath.startsWith(before) || !subpath.endsWith(after)) continue
    return target(value, subpath.slice(before.length, subpath.length - after.length), 0)
  }
  return undefined
}

const target = (value: unknown, star: string, depth: number): string | undefined => {
  if (typeof value === 'string') return value.startsWith('./') ? value.slice(2).replaceAll('*', star) : undefined
  if (typeof value !== 'object' || value === null || depth > 8) return undefined
  if (Array.isArray(value))
    return value.map((member) => target(member, star, depth + 1)).find((found) => found !== undefined)
  for (const [condition, member] of Object.entries(value)) {
    const found = conditions.includes(condition) ? target(member, star, depth + 1) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

const schemeHint = (specifier: string): string =>
  specifier.startsWith('node:')
    ? `is a Node module; plugins have no Node: use host.* or ${sdkName}`
    : 'is a URL; plugins import files and packages of their own folder'

const outside = ({ specifier, importer }: ImportRequest): BulkheadError =>
  new BulkheadError(
    'artifact.outside',
    `${importer} imports "${specifier.slice(0, 200)}", which is outside the plugin's folder`,
    {
      details: { importer, import: specifier.slice(0, 1024) },
    },
  )

const fault = ({ specifier, importer }: ImportRequest, what: string): BulkheadError =>
  new BulkheadError('artifact.compile', `${importer} imports "${specifier.slice(0, 200)}", which ${what}`, {
    hint: 'A plugin bundles what lies in its own folder, its node_modules included.',
    details: { importer, import: specifier.slice(0, 1024) },
  })
