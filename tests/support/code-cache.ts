// A cache of rewritten modules in a folder of its own, and the places of its files, for tests that tamper with them.

import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import {
  type CodeCache,
  type CodeCacheOptions,
  type CodeCachePaths,
  codeCachePaths,
  openCodeCache,
} from '../../packages/cell/src/code-cache/index.ts'

/** A module's bytes, told apart by the seed. */
export const moduleBytes = (seed: number, length = 1000): Uint8Array =>
  Uint8Array.from({ length }, (_, index) => (seed + index * 7) % 256)

/** Opens a cache in the folder and remembers what it said. */
export const openTestCache = (
  home: string,
  options: Partial<CodeCacheOptions> = {},
): CodeCache & { readonly said: string[]; readonly places: CodeCachePaths } => {
  const said: string[] = []
  const places = codeCachePaths(home)
  const cache = openCodeCache({ ...places, version: '1', log: (message) => said.push(message), ...options })
  return {
    get: (key) => cache.get(key),
    put: (key, module) => cache.put(key, module),
    [Symbol.dispose]: () => cache[Symbol.dispose](),
    said,
    places,
  }
}

/** Keeps one module in a fresh cache of the home; returns the paths of its entry and its record. */
export const keepOne = (home: string, key = 'a', seed = 1): { entry: string; record: string } => {
  const { folder, indexFolder } = codeCachePaths(home)
  using cache = openTestCache(home)
  const before = new Set(readdirSync(folder))
  cache.put(key, { bytes: moduleBytes(seed), facts: JSON.stringify({ seed }) })
  const name = readdirSync(folder).find((file) => !before.has(file)) ?? ''
  return { entry: join(folder, name), record: join(indexFolder, name) }
}
