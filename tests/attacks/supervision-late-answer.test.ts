// Answers that come when nobody waits for them any more: after a timeout, from what a dead process left behind, and from a
// process that is on its way out. None may be taken for the answer of another call.

import { expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const late = `late: (ms, id) => { setTimeout(() => send({ id, result: { output: 'late' } }), ms); return new Promise(() => {}) }`
const own = `own: () => new Promise((done) => setTimeout(done, 200, 'own'))`

test('an answer after a timeout is dropped, while the next call is under way on the same process', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', { actions: `${late}, ${own}` })
  await using host = await openWorkspaceHost(workspace)
  expect(await host.call('one', 'own')).toBe('own')
  for (let round = 0; round < 3; round++) {
    await expect(host.call('one', 'late', 120, { timeoutMs: 60 })).rejects.toMatchObject({ code: 'limit.time' })
    expect(await host.call('one', 'own')).toBe('own')
  }
  expect(host.getPluginStatus('one')).toMatchObject({ generation: 1, health: { crashes: 0 } })
})

test('answers that a process sends ahead, for calls to come, answer none of them', async () => {
  await using workspace = await openWorkspace()
  const ahead = `ahead: () => { for (let id = 0; id < 100; id++) for (const one of [id, String(id), 'c' + id]) send({ id: one, result: { output: 'forged' } }); return 'sent' }`
  await writeProcessPlugin(workspace, 'one', { actions: `${ahead}, ${own}` })
  await using host = await openWorkspaceHost(workspace)
  const first = await host.call('one', 'ahead').catch(({ code }: { code: string }) => code)
  expect(first).not.toBe('forged')
  expect(await host.call('one', 'own')).toBe('own')
})

test('a child that outlives its crashed parent and holds its output answers no call of the next generation', async () => {
  await using workspace = await openWorkspace()
  const flood = `setInterval(() => { for (let id = 0; id < 50; id++) console.log(JSON.stringify({ jsonrpc: '2.0', id, result: { output: 'forged' } })) }, 5)`
  const actions = `leave: () => {
    const child = spawn(process.execPath, ['-e', ${JSON.stringify(flood)}], { detached: true, stdio: ['ignore', 'inherit', 'ignore'] })
    child.on('spawn', () => process.exit(1))
    return new Promise(() => {})
  }, ${own}`
  await writeProcessPlugin(workspace, 'one', { actions })
  await using host = await openWorkspaceHost(workspace)
  await expect(host.call('one', 'leave')).rejects.toBeDefined()
  for (let round = 0; round < 3; round++) expect(await host.call('one', 'own')).toBe('own')
  expect(host.getPluginStatus('one')).toMatchObject({ generation: 2, restarts: 1 })
})

test('an answer that comes after the plugin was ended is no answer', async () => {
  await using workspace = await openWorkspace()
  const actions = `${late}, ${own}`
  await writeProcessPlugin(workspace, 'one', { actions, more: 'lifecycle: { graceful_shutdown_timeout: 100ms }' })
  await using host = await openWorkspaceHost(workspace)
  const outcome = host.call('one', 'late', 150).catch((thrown: unknown) => thrown)
  await expect.poll(() => host.getPluginStatus('one').callsRunning).toBe(1)
  await host.unloadPlugin('one')
  expect(await outcome).toMatchObject({ code: 'plugin.crashed' })
  expect(await host.call('one', 'own')).toBe('own')
  expect(host.getPluginStatus('one')).toMatchObject({ generation: 2, restarts: 0, health: { crashes: 0 } })
})
