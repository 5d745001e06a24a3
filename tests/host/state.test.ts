// What plugins store: through the door as a plugin sees it, and from outside as the operator does.

import { type Json, type KvEntry, type KvWrite, type StateStore } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { auditRecords, openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const source = `
  export const count = () => host.kv.update('count', (n) => (n ?? 0) + 1)
  export const visit = () => host.kv.increment('visits', 2)
  export const set = ({ key, value, scope }) => host.kv.set(key, value, { scope })
  export const get = ({ key, scope }) => host.kv.getEntry(key, { scope })
  export const swap = async () => {
    const [a, b] = await host.kv.getMany(['a', 'b'])
    return host.kv.setMany([{ key: 'a', value: b.value, ifVersion: a.version }, { key: 'b', value: a.value, ifVersion: b.version }])
  }
  export const all = async () => (await host.kv.entries()).entries.map(({ key, value }) => [key, value])
`
const more = 'permissions: { storage: true }\ncapabilities: [storage, storage.workspace, storage.global]'
const grants = { keeper: ['storage', 'storage.workspace', 'storage.global'] }
const openHost = (workspace: Workspace, options = {}) =>
  openWorkspaceHost(workspace, { policy: { boundary: 'thread', grants }, ...options })

test('concurrent updates and increments of one key lose nothing; several keys change together', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'keeper', { source, more })
  await using host = await openHost(workspace)
  await Promise.all(Array.from({ length: 20 }, (_, index) => host.call('keeper', index % 2 === 0 ? 'count' : 'visit')))
  expect(await host.call('keeper', 'get', { key: 'count' })).toMatchObject({ value: 10 })
  expect(await host.call('keeper', 'get', { key: 'visits' })).toMatchObject({ value: 20 })
  await host.call('keeper', 'set', { key: 'a', value: 'left' })
  await host.call('keeper', 'set', { key: 'b', value: 'right' })
  expect(await host.call('keeper', 'swap')).toMatchObject({ written: true })
  expect(await host.call('keeper', 'all')).toEqual([
    ['a', 'right'],
    ['b', 'left'],
    ['count', 10],
    ['visits', 20],
  ])
})

test('the operator sees who stores what, and what is cleared is gone and on record', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'keeper', { source, more })
  await using host = await openHost(workspace)
  for (const [key, scope] of [
    ['mine/1', 'plugin'],
    ['mine/2', 'plugin'],
    ['theirs', 'plugin'],
    ['ours', 'workspace'],
    ['everybody', 'global'],
  ]) {
    await host.call('keeper', 'set', { key, value: { key }, scope })
  }
  const { storage } = host
  const own = { scope: 'plugin', plugin: 'keeper' } as const
  expect((await storage.list()).map(({ scope, plugin, keys }) => [scope, plugin, keys])).toEqual([
    ['global', undefined, 1],
    ['plugin', 'keeper', 3],
    ['workspace', undefined, 1],
  ])
  expect(await storage.get({ scope: 'workspace' }, 'ours')).toMatchObject({ value: { key: 'ours' } })
  expect(await storage.get({ scope: 'global' }, 'ours')).toBeUndefined()
  const page = await storage.entries(own, { limit: 2 })
  expect(page).toMatchObject({ entries: [{ key: 'mine/1' }, { key: 'mine/2' }], cursor: 'mine/2' })
  expect(() => storage.entries(own, { limit: 0 })).toThrow(expect.objectContaining({ code: 'usage.invalid' }) as Error)
  await expect(storage.get({ scope: 'plugin', plugin: 'nobody' }, 'k')).rejects.toMatchObject({
    code: 'plugin.unknown',
  })

  expect(await storage.clear(own, { prefix: 'mine/' })).toBe(2)
  expect(await storage.delete({ scope: 'global' }, 'everybody')).toBe(true)
  expect(await host.call('keeper', 'all')).toEqual([['theirs', { key: 'theirs' }]])
  const principal = host.getPluginStatus('keeper').principal
  expect(await storage.clear({ scope: 'plugin', plugin: principal })).toBe(1)
  const records = await auditRecords(workspace.home, { type: 'storage_changed' })
  expect(records).toMatchObject([
    { principal, details: { change: 'clear', prefix: 'mine/' } },
    { details: { change: 'delete', key: 'everybody', scope: 'global' } },
    { principal, details: { change: 'clear', prefix: '' } },
  ])
})

test('data stays with an update, and a plugin of the same name from elsewhere inherits none', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'keeper', { source, more })
  {
    await using host = await openHost(workspace)
    await host.call('keeper', 'set', { key: 'k', value: 1 })
  }
  await writeScript(workspace, 'keeper', { source: `${source}// changed`, more, version: '2.0.0' })
  {
    await using host = await openHost(workspace)
    expect(await host.call('keeper', 'get', { key: 'k' })).toMatchObject({ found: true, value: 1 })
  }
  await writeScript(workspace, 'keeper', { source, more, folder: 'elsewhere' })
  await using host = await openHost(workspace, { plugins: [`${workspace.path}/elsewhere`] })
  expect(await host.call('keeper', 'get', { key: 'k' })).toMatchObject({ found: false })
  // The first one's is still there, under its principal.
  expect(await host.storage.list()).toMatchObject([{ keys: 1, owner: expect.stringContaining('/plugins/keeper') }])
})

/** The least that a store must do, in memory: shows that the port is enough for a store of one's own. */
const makeMemoryStore = (): StateStore & { readonly asked: string[] } => {
  const spaces = new Map<string, Map<string, KvEntry>>()
  const asked: string[] = []
  let version = 0
  const entriesOf = (space: { readonly scope: string; readonly owner: string }): Map<string, KvEntry> => {
    const name = JSON.stringify([space.scope, space.owner])
    const entries = spaces.get(name) ?? new Map<string, KvEntry>()
    spaces.set(name, entries)
    asked.push(space.scope)
    return entries
  }
  const write = (entries: Map<string, KvEntry>, { key, value }: KvWrite): number => {
    entries.set(key, { value, version: ++version })
    return version
  }
  const store: StateStore & { readonly asked: string[] } = {
    asked,
    get: async (space, key) => entriesOf(space).get(key),
    getMany: async (space, keys) => keys.map((key) => entriesOf(space).get(key)),
    set: async (space, key, value: Json, { ifVersion }) => {
      const entries = entriesOf(space)
      const present = entries.get(key)?.version ?? 0
      if (ifVersion !== undefined && ifVersion !== present) return { written: false, version: present }
      return { written: true, version: write(entries, { key, value }) }
    },
    setMany: async (space, writes) => ({
      written: true,
      versions: writes.map((one) => write(entriesOf(space), one)),
      usedBytes: 0,
    }),
    add: async (space, key, { by }) => {
      const value = Number(entriesOf(space).get(key)?.value ?? 0) + by
      return { value, version: write(entriesOf(space), { key, value }), usedBytes: 0 }
    },
    delete: async (space, key) => entriesOf(space).delete(key),
    list: async (space) => ({ keys: [...entriesOf(space).keys()].sort() }),
    entries: async (space) => ({ entries: [...entriesOf(space)].map(([key, entry]) => ({ key, ...entry })) }),
    spaces: async () => [],
    clear: async (space) => {
      const { size } = entriesOf(space)
      entriesOf(space).clear()
      return size
    },
    dailyLedger: () => ({ take: async (_principal, amount) => amount, giveBack: async () => {} }),
    [Symbol.asyncDispose]: () => Promise.reject(new Error('it is not the host’s to close')),
  }
  return store
}

test('a store of the embedding program’s own takes the place of the one in the state folder', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'keeper', { source, more })
  const stateStore = makeMemoryStore()
  {
    await using host = await openHost(workspace, { stateStore })
    expect(await host.call('keeper', 'count')).toBe(1)
    expect(await host.call('keeper', 'count')).toBe(2)
  }
  await using host = await openHost(workspace, { stateStore })
  expect(await host.call('keeper', 'get', { key: 'count' })).toMatchObject({ value: 2 })
  expect(stateStore.asked.every((scope) => scope === 'plugin')).toBe(true)
  await expect(openHost(workspace, { stateStore: {} })).rejects.toMatchObject({ code: 'config.invalid' })
})
