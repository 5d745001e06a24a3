import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore } from './sqlite-store-node.ts'

const dayMs = 86_400_000
let folder: string
let file: string
let now: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  file = join(folder, 'kv.db')
  now = 20_000 * dayMs + 5
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const open = () => openSqliteStore({ file, clock: { now: () => now } })
const quota = 1000

test('what is left is given and no more, to each principal and purpose apart', async () => {
  await using store = open()
  const network = store.dailyLedger('network')
  expect(await network.take('a', 400, { quota })).toBe(400)
  expect(await network.take('a', 700, { quota })).toBe(600)
  expect(await network.take('a', 1, { quota })).toBe(0)
  expect(await network.take('b', 1, { quota })).toBe(1)
  expect(await store.dailyLedger('other').take('a', 1, { quota })).toBe(1)
})

test('a quota that was lowered gives nothing, and what is given back can be had again', async () => {
  await using store = open()
  const network = store.dailyLedger('network')
  await network.take('a', 900, { quota })
  expect(await network.take('a', 1, { quota: 500 })).toBe(0)
  await network.giveBack('a', 300)
  expect(await network.take('a', 1000, { quota })).toBe(400)
  await network.giveBack('a', 1_000_000)
  expect(await network.take('a', 5000, { quota })).toBe(1000)
})

test('two stores on one file count together, also one after the other', async () => {
  {
    await using one = open()
    await using two = open()
    const takes = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? one : two).dailyLedger('network').take('a', 50, { quota }),
      ),
    )
    expect(takes.reduce((sum, taken) => sum + taken, 0)).toBe(quota)
  }
  await using later = open()
  expect(await later.dailyLedger('network').take('a', 1, { quota })).toBe(0)
})

test('a new day begins with nothing used; a clock that goes back does not', async () => {
  await using store = open()
  const network = store.dailyLedger('network')
  await network.take('a', quota, { quota })
  now -= dayMs
  expect(await network.take('a', 1, { quota })).toBe(0)
  now += 2 * dayMs
  expect(await network.take('a', quota, { quota })).toBe(quota)
  now -= dayMs
  expect(await network.take('a', 1, { quota })).toBe(0)
})

test('a store of the format before gets its new table and keeps what it holds', async () => {
  const space = { scope: 'plugin', owner: 'a' } as const
  {
    await using store = open()
    await store.set(space, 'k', 1, { principal: 'a', quotaBytes: 1000 })
  }
  const database = new DatabaseSync(file)
  database.exec('DROP TABLE allowance; PRAGMA user_version = 1')
  database.close()
  await using store = open()
  expect(await store.dailyLedger('network').take('a', 1, { quota })).toBe(1)
  expect((await store.get(space, 'k', { principal: 'a' }))?.value).toBe(1)
})
