import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type CodeCache, type CodeCacheOptions, codeCachePaths, openCodeCache } from './index.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bulkhead-code-cache-'))
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const open = (options: Partial<CodeCacheOptions> = {}): CodeCache =>
  openCodeCache({ ...codeCachePaths(home), version: '1', ...options })
const module = (length: number, fill = 1) => ({ bytes: new Uint8Array(length).fill(fill), facts: '{"é":"\\u0000"}' })
const entries = (): string[] => readdirSync(codeCachePaths(home).folder)
const age = (seconds: number, among = entries()): void => {
  const at = Date.now() / 1000 - seconds
  for (const name of among) utimesSync(join(codeCachePaths(home).folder, name), at, at)
}

test('what was put is found again, by another opening too, in bytes of its own', () => {
  {
    using cache = open()
    expect(cache.get('k')).toBeUndefined()
    cache.put('k', module(70_000))
    expect(cache.get('k')).toEqual(module(70_000))
    expect(cache.get('other')).toBeUndefined()
  }
  using again = open()
  const found = again.get('k')
  expect(found).toEqual(module(70_000))
  expect(found?.bytes.buffer.byteLength).toBe(70_000)
})

test('folders and files are this user’s alone', () => {
  using cache = open()
  cache.put('k', module(10))
  const { folder, indexFolder, keyFile } = codeCachePaths(home)
  const modes = [folder, indexFolder, keyFile, join(folder, entries()[0] ?? '')].map(
    (path) => statSync(path).mode & 0o777,
  )
  expect(modes).toEqual([0o700, 0o700, 0o600, 0o600])
})

test('another version of the meter finds nothing of this one’s', () => {
  using cache = open()
  cache.put('k', module(10))
  expect(open({ version: '2' }).get('k')).toBeUndefined()
})

test('what was used longest ago leaves first', () => {
  using cache = open({ maxBytes: 40_000 })
  cache.put('old', module(9000, 1))
  age(4000)
  cache.put('used', module(9000, 2))
  age(
    3000,
    entries().filter((name) => statSync(join(codeCachePaths(home).folder, name)).mtimeMs > Date.now() - 60_000),
  )
  cache.put('newer', module(9000, 3))
  age(
    2000,
    entries().filter((name) => statSync(join(codeCachePaths(home).folder, name)).mtimeMs > Date.now() - 60_000),
  )
  expect(cache.get('old')).toBeDefined()
  cache.put('a', module(9000, 4))
  cache.put('b', module(9000, 5))
  expect(['old', 'used', 'newer', 'a', 'b'].filter((key) => cache.get(key) !== undefined)).toEqual(['old', 'a', 'b'])
  expect(readdirSync(codeCachePaths(home).indexFolder).sort()).toEqual(entries().sort())
})

test('the number of entries is bounded, and so is the share of one', () => {
  using cache = open({ maxBytes: 40_000, maxEntries: 8 })
  cache.put('huge', module(10_001))
  expect(entries()).toEqual([])
  cache.put('facts', { bytes: new Uint8Array(1), facts: 'x'.repeat(10_001) })
  expect(entries()).toEqual([])
  for (let index = 0; index < 30; index++) {
    cache.put(`k${index}`, module(10))
    expect(entries().length).toBeLessThanOrEqual(8)
  }
  expect(cache.get('k29')).toBeDefined()
})

test('entries of other openings count as well', () => {
  for (let index = 0; index < 6; index++) open({ maxBytes: 40_000 }).put(`k${index}`, module(9000))
  expect(entries().length).toBeLessThanOrEqual(4)
})

test('what a dead process left unfinished goes after an hour', () => {
  const { folder, indexFolder } = codeCachePaths(home)
  open()
  writeFileSync(join(folder, 'x.123.tmp'), 'half')
  writeFileSync(join(indexFolder, 'f'.repeat(64)), 'a record without its entry')
  for (const path of [join(folder, 'x.123.tmp'), join(indexFolder, 'f'.repeat(64))]) utimesSync(path, 0, 0)
  writeFileSync(join(folder, 'y.456.tmp'), 'being written')
  open().put('k', module(10))
  expect(entries().filter((name) => name.endsWith('.tmp'))).toEqual(['y.456.tmp'])
  expect(readdirSync(indexFolder)).toHaveLength(1)
})

test('where nothing can be kept the work goes on, and the reason is told once', () => {
  writeFileSync(join(home, 'file'), '')
  for (const place of [join(home, 'file/cache/x'), '/proc/self/cache/x', join(home, 'absent/above/x')]) {
    const said: string[] = []
    using cache = open({ folder: place, indexFolder: `${place}.index`, log: (message) => said.push(message) })
    cache.put('k', module(10))
    expect(cache.get('k')).toBeUndefined()
    expect(said).toHaveLength(1)
  }
})

test('folders that vanish, and a place that cannot be taken, are put up with', () => {
  const said: string[] = []
  using cache = open({ log: (message) => said.push(message) })
  rmSync(codeCachePaths(home).folder, { recursive: true })
  cache.put('k', module(10))
  expect(cache.get('k')).toBeUndefined()
  expect(said.join()).toContain('ENOENT')
})

test('after disposal nothing is found and nothing is put', () => {
  const cache = open()
  cache.put('k', module(10))
  cache[Symbol.dispose]()
  expect(cache.get('k')).toBeUndefined()
  cache.put('l', module(10))
  expect(entries()).toHaveLength(1)
})

test.skipIf(process.getuid?.() === 0)('a folder that cannot be written does no harm', () => {
  using cache = open()
  chmodSync(codeCachePaths(home).folder, 0o500)
  cache.put('k', module(10))
  expect(cache.get('k')).toBeUndefined()
  chmodSync(codeCachePaths(home).folder, 0o700)
})
