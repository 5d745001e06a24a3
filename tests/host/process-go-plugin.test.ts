// Plugins that speak go-plugin, through the whole host: here one that is written in Node, so that Go is not needed.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Host, type HostOptions, openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { descendantsOf, leavesOf, pidOf } from '../support/descendants.ts'
import { type FakeGoPlugin, writeFakeGoPlugin } from '../support/fake-go-plugin.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-go-plugin-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const open = (plugins: readonly FakeGoPlugin[], options: HostOptions = {}): Promise<Host> =>
  openHost({
    home: join(folder, 'home'),
    workspaceRoot: folder,
    plugins: plugins.map((plugin) => writeFakeGoPlugin(folder, plugin)),
    ...options,
  })

const kept = '  isolation: per-plugin\n'
const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)

test('its tools are actions, values and bytes go both ways, and it is told its deadline', async () => {
  await using host = await open([{ name: 'fake', execution: kept }])
  const value = { text: 'Ahoy ✓ 💧 \u0000', list: [1, -1.5, null, {}], $bytes: 'not one' }
  expect(await host.call('fake', 'echo', value)).toEqual(value)
  expect(await host.call('fake', 'echo', { data: bytes })).toEqual({ data: bytes })
  expect(await host.call('fake', 'deadline', null, { timeoutMs: 20_000 })).toBeGreaterThan(1000)
  expect(Number(await host.call('fake', 'deadline', null, { timeoutMs: 20_000 }))).toBeLessThanOrEqual(20_000)
  // The plugin serves no models, so the name is free.
  expect(await host.call('fake', 'provider.chat')).toBe('a tool')
  await expect(host.call('fake', 'fail')).rejects.toMatchObject({ code: 'plugin.failed', message: 'not today' })
  await expect(host.call('fake', 'no-such')).rejects.toMatchObject({ code: 'action.unknown' })
})

test('each call has fresh state, unless the manifest keeps it, and users are apart', async () => {
  await using host = await open([{ name: 'fresh' }, { name: 'kept', execution: kept }])
  expect([await host.call('fresh', 'count'), await host.call('fresh', 'count')]).toEqual([1, 1])
  expect([await host.call('kept', 'count'), await host.call('kept', 'count')]).toEqual([1, 2])
  expect(await host.call('kept', 'count', null, { user: 'other' })).toBe(1)
})

const stored = {
  name: 'fake',
  execution: kept,
  more: 'permissions:\n  storage: true\n',
} as const

test('host functions are behind the gate', async () => {
  await using host = await open([stored], { policy: { grants: { fake: ['storage'] } } })
  const set = { name: 'kv.set', input: { key: 'k', value: 7 } }
  await host.call('fake', 'function', set)
  expect(await host.call('fake', 'function', { name: 'kv.get', input: { key: 'k' } })).toMatchObject({ value: 7 })
  await expect(host.call('fake', 'function', { name: 'no.such', input: {} })).rejects.toMatchObject({
    code: 'function.unknown',
  })
})

test('without a grant a host call is denied, with the error of the host', async () => {
  await using host = await open([stored])
  const get = { name: 'kv.get', input: { key: 'k' } }
  await expect(host.call('fake', 'function', get)).rejects.toMatchObject({ code: 'capability.denied' })
})

test('it sees its handshake in its environment, and nothing of the host’s', async () => {
  await using host = await open([{ name: 'fake' }])
  expect(await host.call('fake', 'environment')).toEqual([
    'BULKHEAD_PLUGIN',
    'HOME',
    'LANG',
    'PLUGIN_CLIENT_CERT',
    'PLUGIN_MAX_PORT',
    'PLUGIN_MIN_PORT',
    'PLUGIN_PROTOCOL_VERSIONS',
    'PLUGIN_UNIX_SOCKET_DIR',
    'PWD',
    'TMPDIR',
  ])
})

test('one that loops, crashes, hangs or takes too much memory is ended alone, and the next call is answered', async () => {
  await using host = await open([
    { name: 'bad', execution: kept },
    { name: 'good', execution: kept },
  ])
  const ends: readonly (readonly [string, string])[] = [
    ['spin', 'limit.time'],
    ['hang', 'limit.time'],
    ['die', 'plugin.crashed'],
    ['hoard', 'limit.memory'],
  ]
  for (const [action, code] of ends) {
    expect(await host.call('bad', 'count')).toBe(1)
    const call = host.call('bad', action, null, action === 'hoard' ? {} : { timeoutMs: 700 })
    await expect(call).rejects.toMatchObject({ code })
  }
  expect(await host.call('bad', 'count')).toBe(1)
  expect(await host.call('good', 'count')).toBe(1)
})

test('its lines are in the log: of the call that they name, with level and pairs', async () => {
  const lines: string[] = []
  await using host = await open([{ name: 'fake', execution: kept }], {
    log: { write: ({ level, message }) => void lines.push(`${level} ${message}`) },
  })
  await host.call('fake', 'chat', 'ahoy')
  expect(lines).toContain('info ahoy')
  await host.call('fake', 'name-call')
  await expect.poll(() => lines).toContain('info mine other="x y"')
})

test('one that is killed is started again by the next call', async () => {
  await using host = await open([{ name: 'fake', execution: kept }])
  const before = new Set(descendantsOf(process.pid))
  expect([await host.call('fake', 'count'), await host.call('fake', 'count')]).toEqual([1, 2])
  const programs = leavesOf(descendantsOf(process.pid).filter((identity) => !before.has(identity)))
  expect(programs).not.toEqual([])
  for (const program of programs) process.kill(pidOf(program), 'SIGKILL')
  await expect.poll(() => host.call('fake', 'count').catch(() => 0)).toBe(1)
})
