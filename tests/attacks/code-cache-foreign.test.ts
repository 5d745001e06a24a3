// What stands in the cache is whole but belongs elsewhere: another module's, another home's, another version's. None of it
// may be taken for what was asked.

import {
  copyFileSync,
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { codeCachePaths } from '../../packages/cell/src/code-cache/index.ts'
import { keepOne, moduleBytes, openTestCache } from '../support/code-cache.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const swap = (one: string, other: string): void => {
  renameSync(one, `${one}.aside`)
  renameSync(other, one)
  renameSync(`${one}.aside`, other)
}

test('the entries of two modules are exchanged, alone and with their records', async () => {
  await using home = await openTemporaryFolder()
  const one = keepOne(home.path, 'a', 1)
  const other = keepOne(home.path, 'b', 2)
  using cache = openTestCache(home.path)
  swap(one.entry, other.entry)
  expect([cache.get('a'), cache.get('b')]).toEqual([undefined, undefined])
  swap(one.record, other.record)
  expect([cache.get('a'), cache.get('b')]).toEqual([undefined, undefined])
  swap(one.entry, other.entry)
  swap(one.record, other.record)
  expect([cache.get('a')?.bytes, cache.get('b')?.bytes]).toEqual([moduleBytes(1), moduleBytes(2)])
})

test('index and entries come from another home', async () => {
  await using mine = await openTemporaryFolder()
  await using theirs = await openTemporaryFolder()
  keepOne(mine.path, 'mine')
  keepOne(theirs.path, 'a')
  rmSync(join(mine.path, 'cache'), { recursive: true })
  cpSync(join(theirs.path, 'cache'), join(mine.path, 'cache'), { recursive: true, preserveTimestamps: true })
  using cache = openTestCache(mine.path)
  expect(cache.get('a')).toBeUndefined()
  expect(cache.said.join()).toContain('not of this home')
})

test('a record is written by somebody who knows everything but the secret', async () => {
  await using home = await openTemporaryFolder()
  await using attacker = await openTemporaryFolder()
  const target = keepOne(home.path, 'a', 1)
  using forge = openTestCache(attacker.path)
  // The same key and version, so the same names; evil bytes that fit their record.
  forge.put('a', { bytes: moduleBytes(66), facts: '{}' })
  const { folder, indexFolder } = forge.places
  copyFileSync(target.entry.replace(codeCachePaths(home.path).folder, folder), target.entry)
  copyFileSync(target.record.replace(codeCachePaths(home.path).indexFolder, indexFolder), target.record)
  using cache = openTestCache(home.path)
  expect(cache.get('a')).toBeUndefined()
})

test('the secret is lost, cut short or another: everything is built again', async () => {
  await using home = await openTemporaryFolder()
  const { keyFile } = codeCachePaths(home.path)
  for (const harm of [
    () => unlinkSync(keyFile),
    () => writeFileSync(keyFile, 'short'),
    () => writeFileSync(keyFile, ''),
    () => writeFileSync(keyFile, new Uint8Array(32)),
    () => writeFileSync(keyFile, new Uint8Array(33)),
  ]) {
    keepOne(home.path, `k${Math.random()}`)
    const before = readFileSync(keyFile)
    harm()
    using cache = openTestCache(home.path)
    expect(cache.get('a')).toBeUndefined()
    cache.put('a', { bytes: moduleBytes(1), facts: '{}' })
    expect(cache.get('a')?.bytes).toEqual(moduleBytes(1))
    expect(readFileSync(keyFile)).toHaveLength(32)
    expect(readFileSync(keyFile)).not.toEqual(before)
    rmSync(join(home.path, 'cache'), { recursive: true })
    mkdirSync(join(home.path, 'cache'), { mode: 0o700 })
  }
})

test('entries of an earlier version of the meter stand where a later one looks', async () => {
  await using home = await openTemporaryFolder()
  const old = keepOne(home.path, 'a', 1)
  using later = openTestCache(home.path, { version: '2' })
  later.put('a', { bytes: moduleBytes(2), facts: '{}' })
  const { folder, indexFolder } = later.places
  const name = old.entry.slice(folder.length + 1)
  using names = openTestCache(home.path, { version: '2' })
  expect(names.get('a')?.bytes).toEqual(moduleBytes(2))
  // Whatever its name, a record of the earlier version does not verify as one of the later.
  const [other = ''] = readdirSync(folder).filter((file) => file !== name)
  copyFileSync(old.entry, join(folder, other))
  copyFileSync(old.record, join(indexFolder, other))
  expect(names.get('a')).toBeUndefined()
})
