import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { openDoor } from '../../../../tests/support/door.ts'
import { makeKvFunctions } from './functions.ts'
import { openSqliteStore } from './sqlite-store-node.ts'
import type { KvStore } from './store.ts'

let folder: string
let store: KvStore
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  store = openSqliteStore({ file: join(folder, 'kv.db'), clock: Date })
})
afterAll(async () => {
  await store[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

const door = (grants: readonly string[], principal = 'file:/p#p') =>
  openDoor({ functions: makeKvFunctions(store), grants, principal })

test('set, get, update, list and delete, as a guest calls them', async () => {
  const { call } = door(['storage'])
  expect(await call('kv.get', { key: 'a' })).toEqual({ found: false, value: null, version: 0 })
  expect(await call('kv.set', { key: 'a', value: { n: [1, null] } })).toEqual({ version: 1 })
  expect(await call('kv.get', { key: 'a' })).toEqual({ found: true, value: { n: [1, null] }, version: 1 })
  expect(await call('kv.update', { key: 'a', value: 2, ifVersion: 7 })).toEqual({ updated: false, version: 1 })
  expect(await call('kv.update', { key: 'a', value: null, ifVersion: 1 })).toEqual({ updated: true, version: 2 })
  expect(await call('kv.get', { key: 'a' })).toEqual({ found: true, value: null, version: 2 })
  expect(await call('kv.list', {})).toEqual({ keys: ['a'] })
  expect(await call('kv.list_keys', {})).toEqual(['a'])
  expect(await call('kv.delete', { key: 'a' })).toEqual({ deleted: true })
  expect(await call('kv.delete', { key: 'a' })).toEqual({ deleted: false })
})

test('an update keeps the expiry unless it brings another; a write ends it unless it is told to keep it', async () => {
  const { call } = door(['storage'], 'file:/ttl#ttl')
  const left = async () => ((await call('kv.get', { key: 'k' })) as { found: boolean }).found
  const gone = () => expect.poll(left, { timeout: 20_000 }).toBe(false)
  const { version } = (await call('kv.set', { key: 'k', value: 1, ttlMs: 300 })) as { version: number }
  await call('kv.update', { key: 'k', value: 2, ifVersion: version })
  await gone()
  await call('kv.set', { key: 'k', value: 1, ttlMs: 300 })
  await call('kv.set', { key: 'k', value: 2, keepExpiry: true })
  await gone()
  await call('kv.set', { key: 'k', value: 1, ttlMs: 300 })
  await call('kv.set', { key: 'k', value: 2 })
  await new Promise((resolve) => setTimeout(resolve, 400))
  expect(await left()).toBe(true)
})

test('each scope is a grant of its own', async () => {
  const plugin = door(['storage'])
  await plugin.call('kv.set', { key: 'k', value: 'mine' })
  for (const scope of ['workspace', 'global']) {
    for (const [name, more] of [
      ['kv.get', {}],
      ['kv.set', { value: 1 }],
      ['kv.update', { value: 1, ifVersion: 0 }],
      ['kv.delete', {}],
      ['kv.increment', {}],
    ] as const) {
      expect(await plugin.refused(name, { key: 'k', scope, ...more })).toMatchObject({ code: 'capability.denied' })
    }
    for (const [name, more] of [
      ['kv.get_many', { keys: ['k'] }],
      ['kv.set_many', { entries: [{ key: 'k', value: 1 }] }],
    ] as const) {
      expect(await plugin.refused(name, { scope, ...more })).toMatchObject({ code: 'capability.denied' })
    }
    for (const name of ['kv.list', 'kv.list_keys', 'kv.entries']) {
      expect(await plugin.refused(name, { scope })).toMatchObject({ code: 'capability.denied' })
    }
  }
  expect(await door(['storage.global']).refused('kv.get', { key: 'k' })).toMatchObject({ code: 'capability.denied' })
  const shared = door(['storage.global'], 'file:/q#q')
  await shared.call('kv.set', { key: 'g', value: 1, scope: 'global' })
  const other = door(['storage.global', 'storage.workspace'], 'file:/r#r')
  expect(await other.call('kv.get', { key: 'g', scope: 'global' })).toMatchObject({ value: 1 })
  expect(await other.call('kv.get', { key: 'g', scope: 'workspace' })).toMatchObject({ found: false })
})

test('counters, several keys and pages of values, as a guest calls them', async () => {
  const { call, refused } = door(['storage'], 'file:/many#many')
  expect(await call('kv.increment', { key: 'n' })).toEqual({ value: 1, version: 1 })
  expect(await call('kv.increment', { key: 'n', by: -5 })).toEqual({ value: -4, version: 2 })
  const entries = [
    { key: 'n', value: 0, ifVersion: 2 },
    { key: 'm', value: { deep: true } },
  ]
  expect(await call('kv.set_many', { entries })).toEqual({ written: true, versions: [3, 4] })
  expect(await call('kv.set_many', { entries })).toEqual({
    written: false,
    versions: [],
    conflict: { key: 'n', version: 3 },
  })
  expect(await call('kv.get_many', { keys: ['none', 'm'] })).toEqual({
    entries: [
      { key: 'none', found: false, value: null, version: 0 },
      { key: 'm', found: true, value: { deep: true }, version: 4 },
    ],
  })
  expect(await call('kv.entries', { limit: 1 })).toEqual({
    entries: [{ key: 'm', value: { deep: true }, version: 4 }],
    cursor: 'm',
  })
  expect(await call('kv.entries', { limit: 1, cursor: 'm' })).toEqual({ entries: [{ key: 'n', value: 0, version: 3 }] })

  const twice = [...entries, { key: 'n', value: 1 }]
  for (const [name, input] of [
    ['kv.set_many', { entries: twice }],
    ['kv.set_many', { entries: [] }],
    ['kv.get_many', { keys: Array.from({ length: 101 }, (_, index) => `k${index}`) }],
    ['kv.increment', { key: 'n', by: '1' }],
    ['kv.increment', { key: 'm' }],
  ] as const) {
    expect(await refused(name, input), name).toMatchObject({ code: 'input.invalid' })
  }
  const large = { key: 'x', value: 'x'.repeat(5 << 20) }
  const both = { entries: [large, { ...large, key: 'y' }] }
  expect(await refused('kv.set_many', both)).toMatchObject({ code: 'input.too-large' })
})

test('bad input is refused before the gate', async () => {
  const { refused, decisions } = door(['storage'])
  for (const input of [
    { key: '', value: 1 },
    { key: 'k'.repeat(513), value: 1 },
    { key: '\ud800', value: 1 },
    { key: 'k' },
    { key: 'k', value: 1, scope: 'other' },
    { key: 'k', value: 1, principal: 'file:/q#q' },
    { key: 'k', value: 1, ttlMs: 0 },
    { key: 'k', value: 1, ttlMs: 1e300 },
  ]) {
    expect(await refused('kv.set', input), JSON.stringify(input)).toMatchObject({ code: 'input.invalid' })
  }
  expect(await refused('kv.set', { key: 'k', value: { bytes: new Uint8Array(3) } })).toMatchObject({
    code: 'input.invalid',
  })
  expect(await refused('kv.set', { key: 'k', value: 'x'.repeat(9 << 20) })).toMatchObject({ code: 'input.too-large' })
  expect(await refused('kv.list', { limit: 1001 })).toMatchObject({ code: 'input.invalid' })
  expect(decisions.filter((decision) => decision.startsWith('denied'))).toEqual([])
})

test('every schema can be written as JSON Schema', () => {
  for (const fn of makeKvFunctions(store)) {
    expect(z.toJSONSchema(fn.input, { io: 'input' })).toBeTypeOf('object')
    expect(z.toJSONSchema(fn.output)).toBeTypeOf('object')
  }
})
