// Several keys at once, counters, pages of values, and what an operator sees.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore } from './sqlite-store-node.ts'
import type { KvNamespace, StateStore } from './store.ts'
import { rowOverheadBytes } from './tables.ts'

let folder: string
let file: string
let store: StateStore
let now = 1_000_000
const mine: KvNamespace = { scope: 'plugin', owner: 'a' }
const me = { principal: 'a' }
const payer = { ...me, quotaBytes: 1 << 20 }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  file = join(folder, 'kv.db')
  now = 1_000_000
  store = openSqliteStore({ file, clock: { now: () => now } })
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const all = { ...me, prefix: '', limit: 1000 }
const valuesOf = async (keys: readonly string[]): Promise<unknown[]> =>
  (await store.getMany(mine, keys, { ...me, maxLength: 1000 })).map((entry) => entry?.value)

test('several writes take place together or not at all', async () => {
  const done = await store.setMany(
    mine,
    [
      { key: 'a', value: 1, ifVersion: 0 },
      { key: 'b', value: 2 },
    ],
    payer,
  )
  expect(done).toEqual({ written: true, versions: [1, 2], usedBytes: expect.any(Number) })
  const late = [
    { key: 'b', value: 'changed' },
    { key: 'a', value: 'changed', ifVersion: 7 },
  ]
  expect(await store.setMany(mine, late, payer)).toEqual({ written: false, key: 'a', version: 1 })
  expect(await valuesOf(['b', 'none', 'a'])).toEqual([2, undefined, 1])

  const tight = { ...me, quotaBytes: 3 * (rowOverheadBytes + 10) }
  const tooMuch = ['a', 'c', 'd', 'e'].map((key) => ({ key, value: 'x' }))
  await expect(store.setMany(mine, tooMuch, tight)).rejects.toMatchObject({
    code: 'limit.storage',
    details: { limitBytes: tight.quotaBytes, wantedBytes: 4 * (rowOverheadBytes + 4) },
  })
  expect(await valuesOf(['a', 'c', 'd'])).toEqual([1, undefined, undefined])
  // What is replaced makes room for what replaces it.
  expect(await store.setMany(mine, tooMuch.slice(0, 2), tight)).toMatchObject({ written: true })
})

test('reading several keys is bounded by what they hold together', async () => {
  await store.setMany(
    mine,
    ['a', 'b', 'c'].map((key) => ({ key, value: 'x'.repeat(400) })),
    payer,
  )
  await expect(valuesOf(['a', 'b', 'c'])).rejects.toMatchObject({ code: 'limit.output' })
  expect(await valuesOf(['a', 'b'])).toHaveLength(2)
})

test('a counter loses nothing between two stores, and knows what is no number', async () => {
  await using other = openSqliteStore({ file, clock: { now: () => now } })
  const adding = Array.from({ length: 200 }, (_, index) =>
    (index % 2 === 0 ? store : other).add(mine, 'n', { ...payer, by: 1 }),
  )
  const seen = (await Promise.all(adding)).map(({ value }) => value)
  expect(new Set(seen).size).toBe(200)
  expect(await valuesOf(['n'])).toEqual([200])
  expect(await store.add(mine, 'n', { ...payer, by: -200.5 })).toMatchObject({ value: -0.5 })

  await store.set(mine, 'text', '1', payer)
  await expect(store.add(mine, 'text', { ...payer, by: 1 })).rejects.toMatchObject({ code: 'input.invalid' })
  await store.set(mine, 'huge', Number.MAX_SAFE_INTEGER, payer)
  await expect(store.add(mine, 'huge', { ...payer, by: 1 })).rejects.toMatchObject({ code: 'input.invalid' })
  await store.set(mine, 'vast', Number.MAX_VALUE, payer)
  await expect(store.add(mine, 'vast', { ...payer, by: Number.MAX_VALUE })).rejects.toMatchObject({
    code: 'input.invalid',
  })
  await expect(store.add(mine, 'new', { ...me, by: 1, quotaBytes: 10 })).rejects.toMatchObject({
    code: 'limit.storage',
  })
})

test('a counter keeps the expiry that it was made with; a write keeps it when it says so', async () => {
  await store.add(mine, 'n', { ...payer, by: 1, ttlMs: 1000 })
  now += 600
  expect(await store.add(mine, 'n', { ...payer, by: 1, ttlMs: 1000 })).toMatchObject({ value: 2 })
  await store.set(mine, 'n', 7, { ...payer, keepExpiry: true })
  now += 399
  expect(await valuesOf(['n'])).toEqual([7])
  now += 1
  expect(await valuesOf(['n'])).toEqual([undefined])
  expect(await store.add(mine, 'n', { ...payer, by: 1 })).toMatchObject({ value: 1 })
  await store.set(mine, 'n', 8, { ...payer, ttlMs: 10 })
  await store.set(mine, 'n', 9, payer)
  now += 1000
  expect(await valuesOf(['n'])).toEqual([9])
})

test('a page of entries ends where its values are large, and the cursor leads on', async () => {
  const keys = ['a', 'b', 'c', 'd', 'e']
  await store.setMany(
    mine,
    keys.map((key) => ({ key, value: key.repeat(key === 'c' ? 900 : 100) })),
    payer,
  )
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const page = await store.entries(mine, { ...all, maxLength: 250, ...(cursor === undefined ? {} : { cursor }) })
    pages.push(page.entries.map(({ key, value }) => `${key}${String(value).length}`))
    cursor = page.cursor
  } while (cursor !== undefined)
  expect(pages).toEqual([['a100', 'b100'], ['c900'], ['d100', 'e100']])
  const two = await store.entries(mine, { ...all, limit: 2, maxLength: 10_000 })
  expect(two).toMatchObject({
    entries: [
      { key: 'a', version: 1 },
      { key: 'b', version: 2 },
    ],
    cursor: 'b',
  })
})

test('an operator sees every namespace with its use, and clears one or a part of it', async () => {
  const shared: KvNamespace = { scope: 'global', owner: '' }
  await store.set(mine, 'notes/1', 'x', payer)
  await store.set(mine, 'notes/2', 'x', payer)
  await store.set(mine, 'other', 'x', payer)
  await store.set(mine, 'notes/dead', 'x', { ...payer, ttlMs: 10 })
  await store.set(shared, 'g', 'x', { principal: 'b', quotaBytes: 1000 })
  now += 10
  expect(await store.spaces(me)).toEqual([
    { ...shared, keys: 1, bytes: rowOverheadBytes + 4 },
    { ...mine, keys: 3, bytes: 3 * (rowOverheadBytes + 3) + 7 + 7 + 5 },
  ])
  expect(await store.clear(mine, { ...me, prefix: 'notes/' })).toBe(2)
  expect((await store.list(mine, all)).keys).toEqual(['other'])
  expect(await store.clear(mine, { ...me, prefix: '' })).toBe(1)
  expect(await store.spaces(me)).toMatchObject([{ scope: 'global' }])
  // Whoever paid has its room back.
  const { usedBytes } = await store.set(mine, 'k', 'x', payer)
  expect(usedBytes).toBe(rowOverheadBytes + 4)
})

test('what has expired is deleted where nobody writes any more', async () => {
  const quick = openSqliteStore({ file, clock: Date, sweepMs: 20 })
  try {
    await Promise.all(
      Array.from({ length: 250 }, (_, index) => quick.set(mine, `k${index}`, 1, { ...payer, ttlMs: 30 })),
    )
    await quick.set(mine, 'kept', 1, payer)
    const reader = new DatabaseSync(file)
    const left = (): number => (reader.prepare('SELECT count(*) AS rows FROM entry').get() as { rows: number }).rows
    const used = (): number => (reader.prepare('SELECT bytes FROM payer').get() as { bytes: number }).bytes
    await expect.poll(left, { timeout: 20_000 }).toBe(1)
    expect(used()).toBe(rowOverheadBytes + 'kept'.length + 1)
    reader.close()
  } finally {
    await quick[Symbol.asyncDispose]()
  }
})
