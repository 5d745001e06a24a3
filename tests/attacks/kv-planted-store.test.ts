// A store of values that somebody damaged or planted in the state folder. It is no cache: nothing of it is thrown away, each request
// is answered or refused by a typed error, and nothing is written through a link.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { BulkheadError } from '@bulkhead/kernel'
import { openSqliteStore, type StateStore } from '@bulkhead/service-kv'
import { expect, test } from 'vitest'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const space = { scope: 'plugin', owner: 'p' } as const
const by = { principal: 'p', quotaBytes: 1e6 }
const page = { ...by, prefix: '', limit: 10, maxLength: 1e6 }

const change = (sql: string) => (file: string) => {
  const database = new DatabaseSync(file)
  database.exec(sql)
  database.close()
}

const requests: Readonly<Record<string, (store: StateStore) => Promise<unknown>>> = {
  get: (store) => store.get(space, 'a', by),
  entries: (store) => store.entries(space, page),
  spaces: (store) => store.spaces(by),
  set: (store) => store.set(space, 'c', 2, by),
  add: (store) => store.add(space, 'a', { ...by, by: 1 }),
  delete: (store) => store.delete(space, 'a', by),
  clear: (store) => store.clear(space, { ...by, prefix: '' }),
}

test.each<[string, (file: string) => void]>([
  ['a pipe in its place', (file) => (rmSync(file), void spawnSync('mkfifo', [file]))],
  ['a folder in its place', (file) => (rmSync(file), mkdirSync(file))],
  ['a link in its place', (file) => (rmSync(file), symlinkSync(`${file}.outside`, file))],
  ['a pipe as its log', (file) => (rmSync(`${file}-wal`, { force: true }), void spawnSync('mkfifo', [`${file}-wal`]))],
  [
    'a link as its log',
    (file) => (rmSync(`${file}-wal`, { force: true }), symlinkSync(`${file}.outside`, `${file}-wal`)),
  ],
  ['text in its place', (file) => writeFileSync(file, 'x'.repeat(5000))],
  ['values that are no JSON', change(`UPDATE entry SET value = '{"a":'`)],
  ['versions too large', change('UPDATE entry SET version = 9223372036854775807')],
  ['debts', change('UPDATE payer SET bytes = -9223372036854775807')],
  ['no tables', (file) => (rmSync(file), change('PRAGMA user_version = 2')(file))],
  ['a format of old', (file) => (rmSync(file), change('PRAGMA user_version = -5')(file))],
])('with %s', async (_name, act) => {
  await using folder = await openTemporaryFolder()
  const file = join(folder.path, 'kv.sqlite')
  {
    await using store = openSqliteStore({ file, clock: Date })
    await store.set(space, 'a', 1, by)
  }
  act(file)
  await using store = openSqliteStore({ file, clock: Date })
  for (const [name, ask] of Object.entries(requests)) {
    const thrown = await ask(store).then(
      () => undefined,
      (error: unknown) => error,
    )
    if (thrown === undefined) continue
    expect(thrown, name).toBeInstanceOf(BulkheadError)
    expect(thrown).toMatchObject({ code: 'kv.failed' })
    expect(String(thrown)).not.toContain(folder.path)
  }
  expect(existsSync(`${file}.outside`)).toBe(false)
})

test('a store of a later version is left as it is', async () => {
  await using folder = await openTemporaryFolder()
  const file = join(folder.path, 'kv.sqlite')
  change('CREATE TABLE later (x); INSERT INTO later VALUES (1); PRAGMA user_version = 99')(file)
  {
    await using store = openSqliteStore({ file, clock: Date })
    for (const ask of Object.values(requests)) await expect(ask(store)).rejects.toMatchObject({ code: 'kv.failed' })
  }
  const database = new DatabaseSync(file)
  expect(database.prepare('SELECT x FROM later').all()).toEqual([{ x: 1 }])
  database.close()
})

test('names of JavaScript and depth in a planted value are values like any other', async () => {
  await using folder = await openTemporaryFolder()
  const file = join(folder.path, 'kv.sqlite')
  {
    await using store = openSqliteStore({ file, clock: Date })
    await store.set(space, 'a', 1, by)
  }
  change(`UPDATE entry SET value = '{"__proto__":{"polluted":1},"constructor":1}'`)(file)
  {
    await using store = openSqliteStore({ file, clock: Date })
    const entry = await store.get(space, 'a', by)
    expect(Object.keys(entry?.value as object)).toEqual(['__proto__', 'constructor'])
    expect(({} as { polluted?: number }).polluted).toBeUndefined()
  }
  change(`UPDATE entry SET value = '${'['.repeat(100_000)}${']'.repeat(100_000)}'`)(file)
  await using store = openSqliteStore({ file, clock: Date })
  expect(Array.isArray((await store.get(space, 'a', by))?.value)).toBe(true)
})
