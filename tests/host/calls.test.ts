// One call from outside: how it is named, ended and measured, and who hears of it.

import { defineHostFunction, type HostEvents, type LogEntry } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { makeLatch, openWorkspaceHost, writeScript } from '../support/host.ts'
import { echoModule } from '../support/modules.ts'
import { openWorkspace } from '../support/workspace.ts'

const nothing = (latch = makeLatch()) =>
  defineHostFunction({
    name: 'test.wait',
    description: 'Waits for the test.',
    input: z.strictObject({ kind: z.enum(['long', 'short']) }),
    output: z.null(),
    needs: () => [],
    risk: 'read-only',
    run: async ({ input }) => {
      if (input.kind === 'long') await latch.wait()
      return null
    },
  })

const source = `
  export const ping = () => 'pong'
  export const spin = () => { for (;;) ; }
  export const wait = () => host.test.wait({ kind: 'long' })
  export const twice = async () => { await host.test.wait({ kind: 'short' }); await host.test.wait({ kind: 'short' }); return 2 }
  export const on_message = (message) => ({ heard: message })
`

test('a caller’s signal ends a call, whether it waits, loops or has not begun', async () => {
  const latch = makeLatch()
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'tool', { source })
  await using host = await openWorkspaceHost(workspace, { functions: [nothing(latch)] })
  await expect(host.call('tool', 'ping', null, { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'call.cancelled',
  })
  const waiting = new AbortController()
  const wait = host.call('tool', 'wait', null, { signal: waiting.signal })
  wait.catch(() => undefined)
  await latch.reached
  waiting.abort()
  await expect(wait).rejects.toMatchObject({ code: 'call.cancelled' })
  const looping = new AbortController()
  const spin = host.call('tool', 'spin', null, { signal: looping.signal })
  setTimeout(() => looping.abort(), 50)
  await expect(spin).rejects.toMatchObject({ code: 'call.cancelled' })
  expect(await host.call('tool', 'ping')).toBe('pong')
})

test('the least time limit of caller, action and plugin ends a call', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'tool', { source, more: 'actions: { spin: { timeout: 150ms }, ping: {}, wait: {} }' })
  await using host = await openWorkspaceHost(workspace, { functions: [nothing()] })
  await expect(host.call('tool', 'spin')).rejects.toMatchObject({ code: 'limit.time' })
  await expect(host.call('tool', 'wait', null, { timeoutMs: 100 })).rejects.toMatchObject({ code: 'limit.time' })
  expect(await host.call('tool', 'ping', null, { timeoutMs: 60_000 })).toBe('pong')
})

test('each call is measured, and told of once', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'tool', { source })
  await using host = await openWorkspaceHost(workspace, { functions: [nothing()] })
  const ends: HostEvents['call:end'][] = []
  host.on('call:end', (event) => ends.push(event))
  const first = await host.invoke('tool', 'twice')
  expect(first.output).toBe(2)
  expect(first.metrics).toMatchObject({ hostCalls: 2, memoryBytes: expect.any(Number) })
  expect(first.metrics.loadMs).toBeGreaterThan(0)
  expect(first.metrics.callMs).toBeGreaterThan(0)
  const second = await host.invoke('tool', 'ping')
  expect(second.metrics).toMatchObject({ loadMs: 0, hostCalls: 0 })
  await expect(host.call('tool', 'spin', null, { timeoutMs: 50 })).rejects.toMatchObject({ code: 'limit.time' })
  expect(ends.map(({ id, action, ok }) => `${id}.${action} ${ok}`)).toEqual([
    'tool.twice true',
    'tool.ping true',
    'tool.spin false',
  ])
  expect(host.getPluginStatus('tool')).toMatchObject({
    callsDone: 2,
    callsFailed: 1,
    callsRunning: 0,
    lastError: { code: 'limit.time' },
  })
})

test('a listener that throws harms nobody, and one that was disposed hears nothing', async () => {
  const lines: LogEntry[] = []
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'tool', { source })
  await using host = await openWorkspaceHost(workspace, { log: { write: (entry) => lines.push(entry) } })
  const heard: string[] = []
  for (const event of ['plugin:state', 'plugin:loaded', 'call:end'] as const) {
    host.on(event, () => {
      throw new Error('the listener is broken')
    })
  }
  const gone = host.on('call:end', () => heard.push('gone'))
  host.on('call:end', () => heard.push('there'))
  gone[Symbol.dispose]()
  expect(await host.call('tool', 'ping')).toBe('pong')
  expect(heard).toEqual(['there'])
  expect(lines.some(({ message }) => message.includes('call:end') && message.includes('the listener is broken'))).toBe(
    true,
  )
})

test('a message is a call of on_message', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'tool', { source })
  await writeScript(workspace, 'deaf', { source: 'export const ping = () => 1' })
  await using host = await openWorkspaceHost(workspace)
  expect(await host.sendMessage('tool', { text: 'ahoy' })).toEqual({ heard: { text: 'ahoy' } })
  await expect(host.sendMessage('deaf', {})).rejects.toMatchObject({ code: 'action.unknown' })
  await expect(host.sendMessage('toll', {})).rejects.toMatchObject({ code: 'plugin.unknown' })
})

test('a task type names a plugin and its action', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'text-tools', {
    source: 'export const slugify = () => 1',
    more: 'actions: { slugify: {}, count: {} }',
  })
  await writeScript(workspace, 'only', { source: 'export const run = () => 1', more: 'actions: { run: {} }' })
  await using host = await openWorkspaceHost(workspace)
  expect(host.resolveTask('text-tools.slugify')).toEqual({ plugin: 'text-tools', action: 'slugify' })
  expect(host.resolveTask('text-tools/count')).toEqual({ plugin: 'text-tools', action: 'count' })
  expect(host.resolveTask('only')).toEqual({ plugin: 'only', action: 'run' })
  const codeOf = (type: string): unknown => {
    try {
      return host.resolveTask(type)
    } catch (thrown) {
      return (thrown as { code: string }).code
    }
  }
  expect(codeOf('text-tools')).toBe('action.unknown')
  expect(codeOf('text-tools.slug')).toBe('action.unknown')
  expect(codeOf('text-tools.')).toBe('action.unknown')
  expect(codeOf('text-tool.slugify')).toBe('plugin.unknown')
  expect(codeOf('')).toBe('plugin.unknown')
})

test('every host function on offer is described with its schemas', async () => {
  await using workspace = await openWorkspace()
  await using host = await openWorkspaceHost(workspace, { plugins: [], functions: [nothing()] })
  const described = host.describeFunctions()
  const names = described.map(({ name }) => name)
  expect(names).toEqual([...names].sort())
  expect(names).toEqual(
    expect.arrayContaining(['env.get', 'fs.read', 'http.request', 'kv.get', 'log.write', 'test.wait']),
  )
  for (const { name, input, output } of described) {
    expect([name, typeof input, typeof output]).toEqual([name, 'object', 'object'])
    expect(JSON.parse(JSON.stringify({ input, output }))).toEqual({ input, output })
  }
  expect(described.find(({ name }) => name === 'test.wait')).toMatchObject({
    description: 'Waits for the test.',
    input: { type: 'object', properties: { kind: { enum: ['long', 'short'] } }, required: ['kind'] },
    output: { type: 'null' },
  })
  expect(described.find(({ name }) => name === 'fs.read')?.output).toMatchObject({
    properties: { data: { type: 'string', contentEncoding: 'base64' } },
  })
})

test('bytes go through a call as they stand, in both tiers', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('plugins/echo.wasm', await echoModule())
  await workspace.write('plugins/mirror.js', 'export const echo = (bytes) => bytes')
  await using host = await openWorkspaceHost(workspace)
  const bytes = Uint8Array.from({ length: 1000 }, (_, index) => (index * 7) % 256)
  for (const name of ['echo', 'mirror']) {
    const { output, metrics } = await host.invokeRaw(name, 'echo', bytes)
    expect([...output]).toEqual([...bytes])
    expect(metrics.callMs).toBeGreaterThan(0)
  }
})
