// A plugin tries to store more than its limit: by many small keys, by huge values, by rewriting, by other scopes, at once.

import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BulkheadError, defaultLimits } from '@bulkhead/kernel'
import { type KvStore, makeKvFunctions, openSqliteStore } from '@bulkhead/service-kv'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'

const storageBytes = 200_000
let folder: string
let store: KvStore
let now = 1_000_000
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  store = openSqliteStore({ file: join(folder, 'kv.db'), clock: { now: () => now } })
})
afterEach(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})
const door = (principal: string, limits = { storageBytes }) =>
  openDoor({
    functions: makeKvFunctions(store),
    grants: ['storage', 'storage.workspace', 'storage.global'],
    principal,
    limits: { ...defaultLimits, ...limits },
  })
const outcome = (write: Promise<unknown>): Promise<string> =>
  write.then(
    () => 'written',
    (error: BulkheadError) => error.code,
  )

test('many empty values are not free, all at once or one by one, and the file stays near the limit', async () => {
  const { call } = door('file:/a#a')
  const writes = Array.from({ length: 6000 }, (_, index) => outcome(call('kv.set', { key: `k${index}`, value: 0 })))
  const outcomes = await Promise.all(writes)
  const written = outcomes.filter((one) => one === 'written').length
  expect(written).toBeGreaterThan(1000)
  expect(written).toBeLessThan(storageBytes / 96)
  expect(new Set(outcomes)).toEqual(new Set(['written', 'limit.storage']))
  await store[Symbol.asyncDispose]()
  expect(statSync(join(folder, 'kv.db')).size).toBeLessThan(3 * storageBytes)
})

test('one quota holds over all scopes, and the others are not touched by it', async () => {
  const greedy = door('file:/a#a')
  const half = 'x'.repeat(storageBytes / 2 - 1000)
  expect(await outcome(greedy.call('kv.set', { key: 'a', value: half }))).toBe('written')
  expect(await outcome(greedy.call('kv.set', { key: 'b', value: half, scope: 'global' }))).toBe('written')
  expect(await outcome(greedy.call('kv.set', { key: 'c', value: half, scope: 'workspace' }))).toBe('limit.storage')
  expect(await outcome(door('file:/b#b').call('kv.set', { key: 'c', value: half, scope: 'workspace' }))).toBe('written')
})

test('who overwrites a shared key pays for it, and the bytes of the one before come back', async () => {
  const one = door('file:/a#a')
  const two = door('file:/b#b')
  const most = 'x'.repeat(storageBytes - 1000)
  expect(await outcome(one.call('kv.set', { key: 'k', value: most, scope: 'global' }))).toBe('written')
  expect(await outcome(one.call('kv.set', { key: 'own', value: most }))).toBe('limit.storage')
  expect(await outcome(two.call('kv.set', { key: 'k', value: most, scope: 'global' }))).toBe('written')
  expect(await outcome(one.call('kv.set', { key: 'own', value: most }))).toBe('written')
  expect(await outcome(two.call('kv.set', { key: 'own', value: most }))).toBe('limit.storage')
})

test('rewriting, deleting and expiring neither leak nor win bytes', async () => {
  const { call } = door('file:/a#a', { storageBytes: 5000 })
  for (let turn = 0; turn < 60; turn++) {
    expect(await outcome(call('kv.set', { key: 'k', value: 'x'.repeat(turn * 50) }))).toBe('written')
    if (turn % 3 === 0) await call('kv.delete', { key: 'k' })
    expect(await outcome(call('kv.set', { key: 'dies', value: 'y'.repeat(1500), ttlMs: 5 }))).toBe('written')
    now += 10
  }
  await call('kv.delete', { key: 'k' })
  expect(await outcome(call('kv.set', { key: 'k', value: 'x'.repeat(4880) }))).toBe('written')
  expect(await outcome(call('kv.set', { key: 'l', value: '' }))).toBe('limit.storage')
})
