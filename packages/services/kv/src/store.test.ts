import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore } from './sqlite-store-node.ts'
import type { KvNamespace, KvSetOptions } from './store.ts'

let folder: string
let now = 1_000_000
const clock = { now: () => now }
const mine: KvNamespace = { scope: 'plugin', owner: 'file:/a#a' }
const me = { principal: 'file:/a#a' }
const options: KvSetOptions = { ...me, quotaBytes: 1 << 20 }

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  now = 1_000_000
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))
const open = (busyTimeoutMs = 5000) => openSqliteStore({ file: join(folder, 'kv.db'), clock, busyTimeoutMs })

test('what was written is read back, also by the next store on the file, and nothing is left beside it', async () => {
  const value = { text: 'å\u0000\ud800', list: [1, null, { deep: true }], ['__proto__']: { x: 1 } }
  {
    await using store = open()
    expect(existsSync(join(folder, 'kv.db'))).toBe(false)
    expect(await store.get(mine, 'k', me)).toBeUndefined()
    expect(await store.set(mine, 'k', value, options)).toMatchObject({ written: true, version: 1 })
    expect((await store.get(mine, 'k', me))?.value).toEqual(value)
    expect(statSync(join(folder, 'kv.db')).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'kv.db-wal')).mode & 0o777).toBe(0o600)
  }
  expect(existsSync(join(folder, 'kv.db-wal'))).toBe(false)
  await using again = open()
  expect((await again.get(mine, 'k', me))?.value).toEqual(value)
})

test('versions rise, outlive a deletion, and decide a conditional write', async () => {
  await using store = open()
  expect(await store.set(mine, 'k', 1, { ...options, ifVersion: 0 })).toMatchObject({ written: true, version: 1 })
  expect(await store.set(mine, 'k', 2, { ...options, ifVersion: 0 })).toEqual({ written: false, version: 1 })
  expect(await store.set(mine, 'k', 2, { ...options, ifVersion: 1 })).toMatchObject({ written: true, version: 2 })
  expect(await store.delete(mine, 'k', me)).toBe(true)
  expect(await store.delete(mine, 'k', me)).toBe(false)
  expect(await store.set(mine, 'k', 3, { ...options, ifVersion: 1 })).toEqual({ written: false, version: 0 })
  expect(await store.set(mine, 'k', 3, { ...options, ifVersion: 0 })).toMatchObject({ written: true, version: 3 })
})

test('a key expires, stops being listed, and gives its bytes back', async () => {
  await using store = open()
  const tight = { ...options, quotaBytes: 400 }
  await store.set(mine, 'k', 'x'.repeat(200), { ...tight, ttlMs: 1000 })
  await expect(store.set(mine, 'other', 'y'.repeat(200), tight)).rejects.toMatchObject({ code: 'limit.storage' })
  now += 1000
  expect(await store.get(mine, 'k', me)).toBeUndefined()
  expect(await store.list(mine, { ...me, prefix: '', limit: 10 })).toEqual({ keys: [] })
  expect(await store.set(mine, 'k', 'z', { ...tight, ifVersion: 0 })).toMatchObject({ written: true })
  expect(await store.set(mine, 'other', 'y'.repeat(100), tight)).toMatchObject({ written: true })
})

test('listing pages through a prefix in byte order', async () => {
  await using store = open()
  const keys = ['a', 'b/1', 'b/2', 'b/\u{10ffff}', 'b/\uffff', 'b0', 'c', 'b/%', 'b/_']
  await Promise.all(keys.map((key) => store.set(mine, key, null, options)))
  const found: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.list(mine, { ...me, prefix: 'b/', limit: 2, ...(cursor === undefined ? {} : { cursor }) })
    found.push(...page.keys)
    cursor = page.cursor
  } while (cursor !== undefined)
  expect(found).toEqual(['b/%', 'b/1', 'b/2', 'b/_', 'b/\uffff', 'b/\u{10ffff}'])
})

test('two stores on one file lose nothing', async () => {
  await using one = open()
  await using two = open()
  const add = async (store: typeof one): Promise<void> => {
    for (let turn = 0; turn < 50; turn++) {
      for (;;) {
        const old = await store.get(mine, 'n', me)
        const next = { ...options, ifVersion: old?.version ?? 0 }
        if ((await store.set(mine, 'n', Number(old?.value ?? 0) + 1, next)).written) break
      }
    }
  }
  await Promise.all([add(one), add(two)])
  expect((await one.get(mine, 'n', me))?.value).toBe(100)
})

test('a locked store fails with a typed error while the event loop goes on', async () => {
  await using store = open(200)
  await store.set(mine, 'k', 1, options)
  const other = new DatabaseSync(join(folder, 'kv.db'))
  other.exec('BEGIN IMMEDIATE')
  let turns = 0
  const timer = setInterval(() => turns++, 5)
  await expect(store.set(mine, 'k', 2, options)).rejects.toMatchObject({
    code: 'kv.failed',
    hint: expect.stringContaining('locked'),
  })
  clearInterval(timer)
  expect(turns).toBeGreaterThan(3)
  other.exec('ROLLBACK')
  other.close()
  expect((await store.get(mine, 'k', me))?.value).toBe(1)
})

test('a write that was aborted while it waited in its lane does not take place', async () => {
  await using store = open()
  const writes = Array.from({ length: 200 }, (_, index) => store.set(mine, `k${index}`, index, options))
  const abort = new AbortController()
  const late = store.set(mine, 'late', 1, { ...options, signal: abort.signal })
  abort.abort()
  await expect(late).rejects.toMatchObject({ code: 'call.cancelled' })
  await Promise.all(writes)
  expect(await store.get(mine, 'late', me)).toBeUndefined()
})

test('an aborted call rejects at once; a closed store refuses; errors name no path', async () => {
  const store = open()
  const abort = new AbortController()
  const call = store.set(mine, 'k', 1, { ...options, signal: abort.signal })
  abort.abort()
  await expect(call).rejects.toMatchObject({ code: 'call.cancelled' })
  await store[Symbol.asyncDispose]()
  await expect(store.get(mine, 'k', me)).rejects.toMatchObject({ code: 'host.closed' })
  await using lost = openSqliteStore({ file: join(folder, 'no', 'kv.db'), clock })
  const error = await lost.get(mine, 'k', me).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'kv.failed' })
  expect(JSON.stringify(error)).not.toContain(folder)
})
