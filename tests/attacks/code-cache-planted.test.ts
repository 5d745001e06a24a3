// Somebody else puts things into the cache of rewritten modules: links, pipes, files of another owner, folders that others
// can write. Nothing of it is followed, waited for or used.

import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeCachePaths } from '../../packages/cell/src/code-cache/index.ts'
import { keepOne, moduleBytes, openTestCache } from '../support/code-cache.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const module = { bytes: moduleBytes(1), facts: JSON.stringify({ seed: 1 }) }

test.each(['entry', 'record'] as const)(
  'a symbolic link stands for the %s, to the very bytes that are wanted',
  async (which) => {
    await using home = await openTemporaryFolder()
    const path = keepOne(home.path)[which]
    const elsewhere = join(home.path, 'elsewhere')
    renameSync(path, elsewhere)
    symlinkSync(elsewhere, path)
    using cache = openTestCache(home.path)
    expect(cache.get('a')).toBeUndefined()
    // Putting replaces the link and leaves what it leads to.
    const before = readFileSync(elsewhere)
    cache.put('a', { ...module, facts: '{}' })
    expect(lstatSync(path).isFile()).toBe(true)
    expect(readFileSync(elsewhere)).toEqual(before)
    expect(cache.get('a')).toEqual({ ...module, facts: '{}' })
  },
)

test.each(['entry', 'record'] as const)('a hard link of the %s lies where others write', async (which) => {
  await using home = await openTemporaryFolder()
  linkSync(keepOne(home.path)[which], join(home.path, 'second-name'))
  using cache = openTestCache(home.path)
  expect(cache.get('a')).toBeUndefined()
})

test.each(['entry', 'record'] as const)('others may write the %s', async (which) => {
  await using home = await openTemporaryFolder()
  chmodSync(keepOne(home.path)[which], 0o622)
  using cache = openTestCache(home.path)
  expect(cache.get('a')).toBeUndefined()
})

test.skipIf(process.getuid?.() !== 0).each(['entry', 'record'] as const)(
  'the %s belongs to another user',
  async (which) => {
    await using home = await openTemporaryFolder()
    chownSync(keepOne(home.path)[which], 65_534, 65_534)
    using cache = openTestCache(home.path)
    expect(cache.get('a')).toBeUndefined()
  },
)

test.each(['entry', 'record'] as const)(
  'a pipe, on which a reader waits for ever, stands for the %s',
  async (which) => {
    await using home = await openTemporaryFolder()
    const path = keepOne(home.path)[which]
    unlinkSync(path)
    execFileSync('mkfifo', ['-m', '600', path])
    using cache = openTestCache(home.path)
    expect(cache.get('a')).toBeUndefined()
  },
)

test('a folder stands for the entry: nothing is kept under that key, and nothing unfinished is left', async () => {
  await using home = await openTemporaryFolder()
  const { entry } = keepOne(home.path)
  unlinkSync(entry)
  mkdirSync(entry)
  using cache = openTestCache(home.path)
  cache.put('a', module)
  expect(cache.get('a')).toBeUndefined()
  cache.put('b', module)
  expect(cache.get('b')).toEqual(module)
})

test.each([
  ['world-writable', (path: string) => chmodSync(path, 0o777)],
  ['readable by a group', (path: string) => chmodSync(path, 0o750)],
  [
    'a link to a folder',
    (path: string) => {
      renameSync(path, `${path}.real`)
      symlinkSync(`${path}.real`, path)
    },
  ],
  [
    'a file',
    (path: string) => {
      renameSync(path, `${path}.real`)
      writeFileSync(path, '')
    },
  ],
])('a folder of the cache is %s: the cache is not used at all', async (_what, harm) => {
  for (const which of ['folder', 'indexFolder'] as const) {
    await using home = await openTemporaryFolder()
    keepOne(home.path)
    harm(codeCachePaths(home.path)[which])
    using cache = openTestCache(home.path)
    expect(cache.get('a')).toBeUndefined()
    expect(cache.said.join()).toContain('not kept')
  }
})

test('the folder above can be written by others, who could exchange the folders in it', async () => {
  await using home = await openTemporaryFolder()
  keepOne(home.path)
  chmodSync(join(home.path, 'cache'), 0o777)
  using cache = openTestCache(home.path)
  expect(cache.get('a')).toBeUndefined()
})

test('the secret is a link, or others could have read it: it is made anew', async () => {
  await using home = await openTemporaryFolder()
  const { keyFile } = codeCachePaths(home.path)
  keepOne(home.path)
  const known = join(home.path, 'known-secret')
  writeFileSync(known, new Uint8Array(32), { mode: 0o600 })
  for (const harm of [
    () => chmodSync(keyFile, 0o644),
    () => {
      unlinkSync(keyFile)
      symlinkSync(known, keyFile)
    },
  ]) {
    harm()
    const before = readFileSync(keyFile)
    using cache = openTestCache(home.path)
    expect(cache.get('a')).toBeUndefined()
    expect(lstatSync(keyFile).isFile()).toBe(true)
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    expect(readFileSync(keyFile)).not.toEqual(before)
    expect(readFileSync(known)).toEqual(Buffer.alloc(32))
  }
})
