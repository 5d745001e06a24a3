// Plugins that crash: started again at once, then after waits, then no more until somebody says so. The rules on their own
// are tested with the kernel, on a clock of the test's.

import { expect, test } from 'vitest'
import { auditRecords, openWorkspaceHost } from '../support/host.ts'
import { listenTo, writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const crashing = {
  actions: `fine: () => ++calls, crash: () => process.exit(7), fail: () => { throw new Error('no') }, hang: () => new Promise(() => {})`,
}
const told = ['crashed', 'restarted', 'healthy', 'quarantined', 'rested']

test('after a crash the next call is answered by a new process with a number of its own, and everybody is told', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', crashing)
  const lines: string[] = []
  await using host = await openWorkspaceHost(workspace, { log: { write: ({ message }) => void lines.push(message) } })
  const events = listenTo(host, 'one', told)
  expect(host.getPluginStatus('one')).toMatchObject({ generation: 0, restarts: 0, health: { state: 'healthy' } })
  expect([await host.call('one', 'fine'), await host.call('one', 'fine')]).toEqual([1, 2])
  await expect(host.call('one', 'crash')).rejects.toMatchObject({ code: 'plugin.crashed', details: { generation: 1 } })
  expect(host.getPluginStatus('one')).toMatchObject({
    health: { state: 'recovering', crashes: 1, reason: { code: 'plugin.crashed' } },
  })
  expect(await host.call('one', 'fine')).toBe(1)
  expect(events).toEqual(['crashed 1', 'restarted 2', 'healthy 2'])
  const status = host.getPluginStatus('one')
  expect(status).toMatchObject({ state: 'running', generation: 2, restarts: 1, lastError: { code: 'plugin.crashed' } })
  expect(status.health).toEqual({ state: 'healthy', crashes: 1 })
  expect(lines).toContain('started again as generation 2')
  await host[Symbol.asyncDispose]()
  const records = await auditRecords(workspace.home, { plugin: 'one' })
  expect(records.map(({ type, details }) => [type, details?.['generation']])).toEqual(
    expect.arrayContaining([
      ['plugin_loaded', 1],
      ['plugin_crashed', 1],
      ['plugin_restarted', 2],
      ['plugin_unloaded', 1],
    ]),
  )
})

test('a plugin that uses up its budget is ended and quarantined until it is reloaded', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', crashing)
  await using host = await openWorkspaceHost(workspace, { supervision: { crashes: 3, backoffMs: 1 } })
  const events = listenTo(host, 'one', told)
  for (let round = 0; round < 3; round++) {
    await expect(host.call('one', 'crash')).rejects.toMatchObject({ code: 'plugin.crashed' })
  }
  await expect(host.call('one', 'fine')).rejects.toMatchObject({
    code: 'plugin.quarantined',
    message: expect.stringContaining('ended with code 7'),
    hint: expect.stringContaining('reloadPlugin'),
  })
  expect(host.getPluginStatus('one').health).toMatchObject({ state: 'quarantined', crashes: 3 })
  await expect.poll(() => host.getPluginStatus('one').state).toBe('stopped')
  expect(events).toEqual(['crashed 1', 'restarted 2', 'crashed 2', 'restarted 3', 'crashed 3', 'quarantined 3'])

  expect(await host.reloadPlugin('one')).toMatchObject({ id: 'one', state: 'running' })
  expect(await host.call('one', 'fine')).toBe(1)
  expect(host.getPluginStatus('one')).toMatchObject({ generation: 4, health: { state: 'healthy', crashes: 0 } })
  const quarantines = await auditRecords(workspace.home, { type: 'plugin_quarantined' })
  expect(quarantines).toMatchObject([{ plugin: 'one', why: 'plugin.crashed', details: { crashes: 3, generation: 3 } }])
})

test('while it backs off a call waits if its time allows, and is told when to come again if not', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', crashing)
  await using host = await openWorkspaceHost(workspace, { supervision: { backoffMs: 800 } })
  const crash = () => expect(host.call('one', 'crash')).rejects.toMatchObject({ code: 'plugin.crashed' })
  await crash()
  await crash()
  const { health } = host.getPluginStatus('one')
  expect(health).toMatchObject({ state: 'backing-off', retryAfterMs: expect.any(Number) })
  await expect(host.call('one', 'fine', null, { timeoutMs: 20 })).rejects.toMatchObject({
    code: 'plugin.backing-off',
    details: { crashes: 2, retryAfterMs: expect.any(Number) },
  })
  const abort = new AbortController()
  const cancelled = host.call('one', 'fine', null, { signal: abort.signal })
  setTimeout(() => abort.abort(), 5)
  await expect(cancelled).rejects.toMatchObject({ code: 'call.cancelled' })
  expect(host.getPluginStatus('one').health.state).toBe('backing-off')
  expect(await host.call('one', 'fine')).toBe(1)
})

test('what a call waited is gone from its own time', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', crashing)
  await using host = await openWorkspaceHost(workspace, { supervision: { backoffMs: 400 } })
  await expect(host.call('one', 'crash')).rejects.toMatchObject({ code: 'plugin.crashed' })
  await expect(host.call('one', 'crash')).rejects.toMatchObject({ code: 'plugin.crashed' })
  const { retryAfterMs = 0 } = host.getPluginStatus('one').health
  const timeoutMs = retryAfterMs + 1000
  const error = await host.call('one', 'hang', null, { timeoutMs }).catch((thrown: Error) => thrown)
  const [, given] = /timeout of ([\d.]+) ms/.exec((error as Error).message) ?? []
  expect(Number(given)).toBeLessThan(timeoutMs - retryAfterMs / 2)
})

test('a host that closes ends the calls that wait for a restart', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', crashing)
  const host = await openWorkspaceHost(workspace, { supervision: { backoffMs: 60_000, maxBackoffMs: 60_000 } })
  await host.call('one', 'crash').catch(() => undefined)
  await host.call('one', 'crash').catch(() => undefined)
  const outcome = host.call('one', 'fine', null, { timeoutMs: 120_000 }).catch((thrown: unknown) => thrown)
  await host[Symbol.asyncDispose]()
  expect(await outcome).toMatchObject({ code: 'host.closed' })
})

test('failures that a plugin reports, and limits that end its calls, are no crashes', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', crashing)
  await using host = await openWorkspaceHost(workspace, { supervision: { crashes: 2 } })
  for (let round = 0; round < 4; round++) {
    await expect(host.call('one', 'fail')).rejects.toMatchObject({ code: 'plugin.failed' })
    await expect(host.call('one', 'hang', null, { timeoutMs: 60 })).rejects.toMatchObject({ code: 'limit.time' })
    await expect(host.call('one', 'nothing')).rejects.toMatchObject({ code: 'action.unknown' })
  }
  expect(host.getPluginStatus('one')).toMatchObject({ generation: 1, health: { state: 'healthy', crashes: 0 } })
})

test('a program that never shakes hands is quarantined as one that crashes', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', { actions: 'fine: () => 1', before: 'process.exit(3)' })
  await using host = await openWorkspaceHost(workspace, { supervision: { crashes: 2, backoffMs: 1 } })
  const events = listenTo(host, 'one', told)
  for (let round = 0; round < 2; round++) {
    await expect(host.call('one', 'fine')).rejects.toMatchObject({ code: 'plugin.crashed' })
  }
  await expect(host.call('one', 'fine')).rejects.toMatchObject({ code: 'plugin.quarantined' })
  expect(events).toEqual(['crashed 1', 'restarted 2', 'crashed 2', 'quarantined 2'])
  await expect(host.reloadPlugin('one')).rejects.toMatchObject({ code: 'plugin.crashed' })
  expect(host.getPluginStatus('one').health.state).toBe('quarantined')
})

test('policy makes the rules stricter, for all and for one, and never looser', async () => {
  await using workspace = await openWorkspace()
  for (const name of ['strict', 'common']) await writeProcessPlugin(workspace, name, crashing)
  await using host = await openWorkspaceHost(workspace, {
    supervision: { crashes: 2, backoffMs: 1 },
    policy: { supervision: { crashes: 50 }, plugins: { strict: { supervision: { crashes: 1 } } } },
  })
  await expect(host.call('strict', 'crash')).rejects.toMatchObject({ code: 'plugin.crashed' })
  await expect(host.call('strict', 'fine')).rejects.toMatchObject({ code: 'plugin.quarantined' })
  await expect(host.call('common', 'crash')).rejects.toMatchObject({ code: 'plugin.crashed' })
  expect(await host.call('common', 'fine')).toBe(1)
  await expect(host.call('common', 'crash')).rejects.toMatchObject({ code: 'plugin.crashed' })
  await expect(host.call('common', 'fine')).rejects.toMatchObject({ code: 'plugin.quarantined' })
})

test.each([
  [{ supervision: { crashes: 0 } }],
  [{ supervision: { crashes: 1.5 } }],
  [{ supervision: { idleMs: Number.POSITIVE_INFINITY } }],
  [{ supervision: { idleMs: 2 ** 40 } }],
  [{ supervision: { patience: 1 } as never }],
  [{ policy: { supervision: { windowMs: -1 } } }],
  [{ policy: { plugins: { one: { supervision: { backoffMs: Number.NaN } } } } }],
])('rules that bound nothing are refused: %j', async (options) => {
  await using workspace = await openWorkspace()
  await expect(openWorkspaceHost(workspace, { plugins: [], ...options })).rejects.toMatchObject({
    code: 'config.invalid',
  })
})
