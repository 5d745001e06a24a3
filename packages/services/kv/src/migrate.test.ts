import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { copyPath, LaterFormatError, migrate, storeFormat } from './migrate.ts'
import { openSqliteStore } from './sqlite-store-node.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  file = join(folder, 'kv.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const space = { scope: 'plugin', owner: 'a' } as const
const me = { principal: 'a', quotaBytes: 1 << 20 }
const open = () => openSqliteStore({ file, clock: Date })
const withDatabase = <T>(use: (database: DatabaseSync) => T): T => {
  const database = new DatabaseSync(file)
  try {
    return use(database)
  } finally {
    database.close()
  }
}
const formatNow = (): unknown =>
  withDatabase((database) => (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version)

/** A store as the first version wrote it, with one key in it. */
const writeFirstFormat = async (): Promise<void> => {
  {
    await using store = open()
    await store.set(space, 'k', { n: 1 }, me)
  }
  withDatabase((database) => database.exec('DROP TABLE allowance; PRAGMA user_version = 1'))
}

test('a new store has the format of this version, and no copy beside it', async () => {
  {
    await using store = open()
    await store.set(space, 'k', 1, me)
  }
  expect(formatNow()).toBe(storeFormat)
  expect(readdirSync(folder)).toEqual(['kv.db'])
})

test('an older store is migrated with all that it holds, and a copy of it is kept that only its owner reads', async () => {
  await writeFirstFormat()
  {
    await using store = open()
    expect((await store.get(space, 'k', me))?.value).toEqual({ n: 1 })
    expect(await store.dailyLedger('network').take('a', 5, { quota: 5 })).toBe(5)
    await store.set(space, 'k', 2, me)
  }
  expect(formatNow()).toBe(storeFormat)
  const copy = copyPath(file, 1)
  expect(statSync(copy).mode & 0o777).toBe(0o600)
  const old = new DatabaseSync(copy, { readOnly: true })
  expect(old.prepare('SELECT value FROM entry').all()).toEqual([{ value: '{"n":1}' }])
  expect(old.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1 })
  old.close()
})

test('stores that are opened at once on an older file migrate it once', async () => {
  await writeFirstFormat()
  const stores = Array.from({ length: 4 }, open)
  try {
    const values = await Promise.all(stores.map((store) => store.get(space, 'k', me)))
    expect(values.map((entry) => entry?.value)).toEqual(Array.from({ length: 4 }, () => ({ n: 1 })))
  } finally {
    await Promise.all(stores.map((store) => store[Symbol.asyncDispose]()))
  }
  expect(formatNow()).toBe(storeFormat)
})

test('a migration that fails leaves the store as it was', async () => {
  await writeFirstFormat()
  // The step to the second format cannot make what is there.
  withDatabase((database) => database.exec('CREATE TABLE allowance (x)'))
  {
    await using store = open()
    await expect(store.get(space, 'k', me)).rejects.toMatchObject({ code: 'kv.failed' })
  }
  expect(formatNow()).toBe(1)
  withDatabase((database) => database.exec('DROP TABLE allowance'))
  await using store = open()
  expect((await store.get(space, 'k', me))?.value).toEqual({ n: 1 })
})

test('a store of a later version is refused with what to do, and is not touched', async () => {
  await writeFirstFormat()
  withDatabase((database) => database.exec('PRAGMA user_version = 99'))
  {
    await using store = open()
    await expect(store.set(space, 'k', 2, me)).rejects.toMatchObject({
      code: 'kv.failed',
      message: expect.stringContaining(`format 99; this version reads up to ${storeFormat}`),
      hint: expect.stringContaining('Update Bulkhead'),
    })
  }
  expect(formatNow()).toBe(99)
  expect(existsSync(copyPath(file, 99))).toBe(false)
  withDatabase((database) => {
    expect(() => migrate(database, file)).toThrow(LaterFormatError)
    expect(database.isTransaction).toBe(false)
  })
})
