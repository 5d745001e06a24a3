// The life of a plugin in a host: states in their order, draining, loading again, making room, and the end of the host.

import { openCompartments } from '@bulkhead/cell'
import { defineHostFunction, type Host, type PluginState } from '@bulkhead/host'
import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { type Latch, makeLatch, openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

const waitFunction = (latch: Latch) =>
  defineHostFunction({
    name: 'test.wait',
    input: z.null(),
    output: z.literal('waited'),
    needs: () => [],
    risk: 'read-only',
    run: async () => {
      await latch.wait()
      return 'waited' as const
    },
  })

const statesOf = (host: Host, id: string): PluginState[] => {
  const states: PluginState[] = []
  host.on('plugin:state', (event) => {
    if (event.id !== id) return
    if (states.length === 0) states.push(event.from)
    states.push(event.to)
  })
  return states
}

const threads = async (): Promise<number> => (await readdir('/proc/self/task')).length

const upAndDown = ['discovered', 'validating', 'loading', 'running', 'draining', 'stopping', 'stopped']

test('a plugin goes through its states in order, and starts anew when it is called again', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source: 'let n = 0; export const count = () => ++n' })
  await using host = await openWorkspaceHost(workspace)
  const states = statesOf(host, 'one')
  const loaded: string[] = []
  host.on('plugin:loaded', ({ id }) => loaded.push(id))
  host.on('plugin:unloaded', ({ id }) => loaded.push(`-${id}`))

  expect(host.getPluginStatus('one').state).toBe('discovered')
  expect(await host.call('one', 'count')).toBe(1)
  expect(host.getPluginStatus('one')).toMatchObject({ state: 'running', callsDone: 1 })
  await host.unloadPlugin('one')
  expect(host.getPluginStatus('one').state).toBe('stopped')
  await host.unloadPlugin('one')
  expect(states).toEqual(upAndDown)
  expect(await host.call('one', 'count')).toBe(1)
  expect(states.slice(upAndDown.length)).toEqual(['validating', 'loading', 'running'])
  expect(loaded).toEqual(['one', '-one', 'one'])
})

test('a plugin that cannot be loaded ends in error, says why, and can be mended', async () => {
  await using workspace = await openWorkspace()
  const path = await writeScript(workspace, 'broken', { source: 'export const a = = 1' })
  await using host = await openWorkspaceHost(workspace)
  const states = statesOf(host, 'broken')
  await expect(host.call('broken', 'a')).rejects.toMatchObject({ code: 'artifact.compile' })
  expect(states).toEqual(['discovered', 'validating', 'loading', 'error'])
  expect(host.getPluginStatus('broken')).toMatchObject({ state: 'error', lastError: { code: 'artifact.compile' } })
  await workspace.write('plugins/broken/index.js', 'export const a = () => 1')
  expect(await host.call('broken', 'a')).toBe(1)
  expect((await host.loadPlugin(path)).state).toBe('running')
})

test('unloading waits for calls in flight, and a call meanwhile gets the next copy with its grants whole', async () => {
  const latch = makeLatch()
  await using workspace = await openWorkspace()
  await workspace.write('words.txt', 'ahoy')
  await writeScript(workspace, 'slow', {
    source: `export const wait = () => host.test.wait(null)
      export const read = async () => (await host.fs.read({ path: 'words.txt' })).data.length`,
    more: "permissions: { filesystem: { read: ['./'] } }",
  })
  await using host = await openWorkspaceHost(workspace, {
    functions: [waitFunction(latch)],
    policy: { grants: { slow: ['filesystem.read:./'] } },
  })
  const states = statesOf(host, 'slow')
  const waiting = host.call('slow', 'wait')
  await latch.reached
  const unloaded = host.unloadPlugin('slow')
  await expect.poll(() => states.at(-1)).toBe('draining')
  const reading = host.call('slow', 'read')
  latch.open()
  expect(await waiting).toBe('waited')
  await unloaded
  expect(await reading).toBe(4)
  expect(states).toEqual([...upAndDown, 'validating', 'loading', 'running'])
  expect(host.getPluginStatus('slow')).toMatchObject({ state: 'running', callsRunning: 0, callsDone: 2 })
})

test('a call that outlasts the grace time is cut off, which is no crash', async () => {
  const latch = makeLatch()
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'slow', {
    source: 'export const wait = () => host.test.wait(null)',
    more: 'lifecycle: { graceful_shutdown_timeout: 50ms }',
  })
  await using host = await openWorkspaceHost(workspace, { functions: [waitFunction(latch)] })
  const crashed: string[] = []
  host.on('plugin:crashed', ({ id }) => crashed.push(id))
  const waiting = host.call('slow', 'wait')
  waiting.catch(() => undefined)
  await latch.reached
  await host.unloadPlugin('slow')
  await expect(waiting).rejects.toMatchObject({ code: 'plugin.crashed' })
  expect(crashed).toEqual([])
})

test('the plugin that was used longest ago makes room, but never while it runs a call', async () => {
  const latch = makeLatch()
  await using workspace = await openWorkspace()
  for (const name of ['a', 'b', 'c']) {
    await writeScript(workspace, name, {
      source: 'export const ping = () => 1; export const wait = () => host.test.wait(null)',
      more: 'lifecycle: { graceful_shutdown_timeout: 10ms }',
    })
  }
  await using host = await openWorkspaceHost(workspace, {
    functions: [waitFunction(latch)],
    cache: { maxPlugins: 2 },
  })
  const running = (): string[] =>
    host
      .listPlugins()
      .filter(({ state }) => state === 'running')
      .map(({ id }) => id)
      .sort()
  await host.call('a', 'ping')
  await host.call('b', 'ping')
  await host.call('a', 'ping')
  await host.call('c', 'ping')
  await expect.poll(running).toEqual(['a', 'c'])

  const waiting = host.call('a', 'wait')
  await latch.reached
  await host.call('c', 'ping')
  await host.call('b', 'ping')
  await host.call('c', 'ping')
  expect(running()).toEqual(['a', 'b', 'c'])
  latch.open()
  expect(await waiting).toBe('waited')
  await expect.poll(running).toEqual(['b', 'c'])
})

test('an idle plugin is unloaded after its time', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'idle', { source: 'export const ping = () => 1' })
  await using host = await openWorkspaceHost(workspace, { cache: { ttlMs: 60 } })
  await host.call('idle', 'ping')
  await expect.poll(() => host.getPluginStatus('idle').state, { timeout: 5000 }).toBe('stopped')
  expect(await host.call('idle', 'ping')).toBe(1)
})

test('loading a changed plugin again gives it a new digest, and grants by name stay', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('words.txt', 'ahoy')
  const more = "permissions: { filesystem: { read: ['./'] } }"
  const source = (answer: number): string =>
    `export const read = async () => { await host.fs.read({ path: 'words.txt' }); return ${answer} }`
  const path = await writeScript(workspace, 'words', { source: source(1), more })
  await using host = await openWorkspaceHost(workspace, {
    policy: { grants: { words: ['filesystem.read:./words.txt'] } },
  })
  const first = await host.loadPlugin(path)
  expect(await host.call('words', 'read')).toBe(1)
  await writeScript(workspace, 'words', { source: source(2), more, version: '2.0.0' })
  const second = await host.loadPlugin(path)
  expect(second.manifest.version).toBe('2.0.0')
  expect(second.principal).toBe(first.principal)
  expect(second.digest).toMatch(/^[0-9a-f]{64}$/)
  expect(second.digest).not.toBe(first.digest)
  expect(await host.call('words', 'read')).toBe(2)
  expect(host.listPlugins()).toHaveLength(1)
})

test('loading again while calls run and arrive leaves one copy and nothing behind', async () => {
  await using workspace = await openWorkspace()
  const path = await writeScript(workspace, 'busy', {
    source: 'export const wait = () => host.test.wait(null); export const ping = () => 1',
  })
  const round = async (): Promise<void> => {
    const latch = makeLatch()
    await using host = await openWorkspaceHost(workspace, { functions: [waitFunction(latch)] })
    const waiting = host.call('busy', 'wait')
    await latch.reached
    const states = statesOf(host, 'busy')
    const again = host.loadPlugin(path)
    await expect.poll(() => states.at(-1)).toBe('draining')
    const pings = Promise.all([1, 2, 3].map(() => host.call('busy', 'ping')))
    latch.open()
    expect(await waiting).toBe('waited')
    expect((await again).state).toBe('running')
    expect(await pings).toEqual([1, 1, 1])
    expect(openCompartments()).toBe(1)
  }
  await round()
  const before = await threads()
  for (let index = 0; index < 3; index++) await round()
  await expect.poll(threads, { timeout: 10_000 }).toBeLessThanOrEqual(before)
})

test('a closing host ends calls in flight with its own error and refuses later ones', async () => {
  const latch = makeLatch()
  await using workspace = await openWorkspace()
  const path = await writeScript(workspace, 'one', {
    source: 'export const wait = () => host.test.wait(null); export const spin = () => { for (;;) ; }',
  })
  const host = await openWorkspaceHost(workspace, { functions: [waitFunction(latch)] })
  const calls = [host.call('one', 'wait'), host.call('one', 'spin')]
  const outcomes = Promise.allSettled(calls)
  await latch.reached
  await host[Symbol.asyncDispose]()
  for (const outcome of await outcomes) {
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'host.closed' } })
  }
  await expect(host.call('one', 'wait')).rejects.toMatchObject({ code: 'host.closed' })
  await expect(host.loadPlugin(path)).rejects.toMatchObject({ code: 'host.closed' })
  await host[Symbol.asyncDispose]()
})

test('a plugin that never finishes loading holds up neither its caller nor the end of the host', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'endless', { source: 'for (;;);\nexport const ping = () => 1' })
  const host = await openWorkspaceHost(workspace)
  const states = statesOf(host, 'endless')
  const abort = new AbortController()
  const impatient = host.call('endless', 'ping', null, { signal: abort.signal })
  const patient = host.call('endless', 'ping')
  patient.catch(() => undefined)
  await expect.poll(() => states.at(-1)).toBe('loading')
  abort.abort()
  await expect(impatient).rejects.toMatchObject({ code: 'call.cancelled' })
  expect(states.at(-1)).toBe('loading')
  await host[Symbol.asyncDispose]()
  await expect(patient).rejects.toMatchObject({ code: 'host.closed' })
  expect(states.at(-1)).toBe('error')
  expect(openCompartments()).toBe(0)
})

test('two plugins of one name: refused when both were given, and by loadPlugin', async () => {
  await using workspace = await openWorkspace()
  const source = 'export const ping = () => 1'
  const first = await writeScript(workspace, 'same', { source, folder: 'a' })
  const second = await writeScript(workspace, 'same', { source, folder: 'b' })
  await expect(openWorkspaceHost(workspace, { plugins: [first, second] })).rejects.toMatchObject({
    code: 'config.invalid',
    message: expect.stringContaining('"same"'),
  })
  await using host = await openWorkspaceHost(workspace, { plugins: [first, first] })
  await expect(host.loadPlugin(second)).rejects.toMatchObject({ code: 'config.invalid' })
  expect(host.listPlugins().map(({ path }) => path)).toEqual([first])
  expect(await host.call('same', 'ping')).toBe(1)
})
