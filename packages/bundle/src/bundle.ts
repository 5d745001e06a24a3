// Makes one ES module of a plugin's sources. Every import goes through our resolver under a namespace of our own, so
// that esbuild itself reads no file and no configuration; see resolve.ts for the rules.

import { posix } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { BuildFailure, Loader, OnLoadResult, OnResolveResult, Plugin } from 'esbuild'
import { readAnnotations } from './annotations/index.ts'
import { closingComment, compileError } from './compile-error.ts'
import { runBundler } from './bundler-process-node.ts'
import { sdkSource, standardLibrarySource } from './generated/sdk.ts'
import { resolveImport, type SdkName, sdkName } from './resolve.ts'
import type { SourceTree } from './source-tree.ts'

/** What is bundled. */
export interface BundleRequest {
  /** Entry, relative to the tree. */
  readonly entry: string
  readonly tree: SourceTree
}

/** What a cell evaluates, and how to find the author's lines in it. */
export interface Bundle {
  readonly code: string
  /** Source map, version 3; absent when the entry runs as it stands. */
  readonly map?: string
  /** JSON of what the entry's types and comments say of its actions; `parseAnnotations` reads it. Absent when they say nothing. */
  readonly annotations?: string
}

/** Most files, and most bytes, that one bundle takes in. */
export const maxBundledFiles = 5000
export const maxBundledBytes = 32 * 1024 * 1024

// The endings that the host pins in a plugin's digest; a file of another ending takes no part in a run.
const loaders: Readonly<Record<string, Loader>> = {
  '.ts': 'ts',
  '.mts': 'ts',
  '.cts': 'ts',
  '.tsx': 'tsx',
  '.js': 'js',
  '.mjs': 'js',
  '.cjs': 'js',
  '.jsx': 'jsx',
  '.json': 'json',
  '.txt': 'text',
}

/** @throws BulkheadError `artifact.compile`, `artifact.outside`, `artifact.too-large`, `artifact.invalid` */
export const bundleSources = async (request: BundleRequest): Promise<Bundle> => {
  // esbuild turns what a plugin throws into text; the error itself is kept here.
  const kept: BulkheadError[] = []
  let annotations: string | undefined
  try {
    const result = await runBundler({
      entryPoints: [request.entry],
      bundle: true,
      write: false,
      outfile: 'plugin.js',
      format: 'esm',
      target: 'es2023',
      // QuickJS has no `using`.
      supported: { using: false },
      platform: 'neutral',
      sourcemap: 'external',
      sourcesContent: true,
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      absWorkingDir: '/',
      tsconfigRaw: {},
      define: { 'process.env.NODE_ENV': '"production"' },
      plugins: [sourcePlugin(request, kept, (entry, loader) => (annotations = annotationsOf(entry, loader)))],
    })
    const text = (ending: string): string => result.outputFiles.find((file) => file.path.endsWith(ending))?.text ?? ''
    return { code: text('.js'), map: text('.map'), ...(annotations === undefined ? {} : { annotations }) }
  } catch (thrown) {
    throw thrown instanceof BulkheadError && kept.length === 0 ? thrown : compileError(thrown as BuildFailure, kept)
  }
}

const sdkSources: Readonly<Record<SdkName, string>> = {
  '@bulkhead/sdk': sdkSource,
  '@bulkhead/sdk/std': standardLibrarySource,
}

const annotationsOf = (source: Uint8Array, loader: Loader): string | undefined => {
  const language = loader === 'ts' || loader === 'tsx' ? 'typescript' : 'javascript'
  const read = readAnnotations(language, new TextDecoder().decode(source))
  return Object.keys(read.actions).length + read.warnings.length === 0 ? undefined : JSON.stringify(read)
}

const sourcePlugin = (
  { entry, tree }: BundleRequest,
  kept: BulkheadError[],
  sawEntry: (source: Uint8Array, loader: Loader) => void,
): Plugin => ({
  name: 'bulkhead',
  setup: (builder) => {
    let files = 0
    let bytes = 0
    const keep = async <T>(task: () => Promise<T>): Promise<T | { errors: { text: string }[] }> => {
      try {
        return await task()
      } catch (thrown) {
        if (!(thrown instanceof BulkheadError)) throw thrown
        kept.push(thrown)
        return { errors: [{ text: thrown.message }] }
      }
    }
    builder.onResolve({ filter: /^/ }, ({ path, importer, kind, namespace }) =>
      keep(async (): Promise<OnResolveResult> => {
        if (kind === 'entry-point') return { path: entry, namespace: 'plugin' }
        if (namespace === 'sdk' && path === sdkName) return { path, namespace }
        if (namespace !== 'plugin') throw new BulkheadError('artifact.compile', `the SDK imports "${path}"`)
        const found = await resolveImport({ specifier: path, importer }, tree)
        return found.kind === 'sdk' ? { path: found.name, namespace: 'sdk' } : { path: found.path, namespace: 'plugin' }
      }),
    )
    builder.onLoad({ filter: /^/, namespace: 'sdk' }, ({ path }) => ({
      contents: sdkSources[path as SdkName],
      loader: 'js',
    }))
    builder.onLoad({ filter: /^/, namespace: 'plugin' }, ({ path }) =>
      keep(async (): Promise<OnLoadResult> => {
        const loader = loaders[posix.extname(path).toLowerCase()]
        if (loader === undefined) {
          throw new BulkheadError('artifact.compile', `${path} cannot be imported`, {
            hint: `Import files that end in ${Object.keys(loaders).join(', ')}.`,
          })
        }
        const contents = await tree.read(path)
        if (contents === undefined) throw new BulkheadError('artifact.missing', `${path} is not there`)
        bytes += contents.byteLength
        if (++files > maxBundledFiles || bytes > maxBundledBytes) {
          throw new BulkheadError(
            'artifact.too-large',
            `the plugin has more than ${maxBundledFiles} files or ${maxBundledBytes} bytes of sources`,
          )
        }
        if (path === entry) sawEntry(contents, loader)
        return { contents: withoutSourceMap(contents, loader), loader }
      }),
    )
  },
})

/** esbuild obeys the last such comment of a file; this one names nothing. */
const noSourceMap = new TextEncoder().encode(`\n${closingComment}`)
const commented: readonly Loader[] = ['ts', 'tsx', 'js', 'jsx']

/**
 * A source may name its source map by a `file:` URL, and esbuild reads that file wherever it lies, without asking a
 * plugin: any map of the host, a device that never ends. So every source ends with a comment of ours.
 */
const withoutSourceMap = (contents: Uint8Array, loader: Loader): Uint8Array => {
  if (!commented.includes(loader)) return contents
  const joined = new Uint8Array(contents.length + noSourceMap.length)
  joined.set(contents)
  joined.set(noSourceMap, contents.length)
  return joined
}
