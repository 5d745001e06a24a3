// What a caller is told when a program does not do well: how it ended, which action failed, and where it runs.

import { expect, test } from 'vitest'
import { auditRecords, openWorkspaceHost } from '../support/host.ts'
import { writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

test('one that ends before it shakes hands is told by how it ended', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'early', { actions: 'fine: () => 1', before: 'process.exit(3)' })
  await using host = await openWorkspaceHost(workspace)
  await expect(host.call('early', 'fine')).rejects.toMatchObject({
    code: 'plugin.crashed',
    message: 'the process of early ended with code 3',
  })
})

test('a signal has its name, a failure its action, and a stray line a hint', async () => {
  await using workspace = await openWorkspace()
  const actions =
    "abort: () => process.kill(process.pid, 'SIGKILL'), fail: () => { throw new Error('no luck') }, print: () => console.log('hello')"
  await writeProcessPlugin(workspace, 'one', { actions })
  await using host = await openWorkspaceHost(workspace)
  await expect(host.call('one', 'fail')).rejects.toMatchObject({
    code: 'plugin.failed',
    message: 'the action fail failed: no luck',
  })
  await expect(host.call('one', 'abort')).rejects.toMatchObject({
    code: 'plugin.crashed',
    message: 'the process of one ended with code 137 (SIGKILL)',
  })
  await expect(host.call('one', 'print')).rejects.toMatchObject({
    code: 'protocol.violation',
    hint: expect.stringContaining('standard error'),
  })
})

test('its boundary is its process, in its status and in the record of its start', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', { actions: 'fine: () => 1' })
  await using host = await openWorkspaceHost(workspace)
  expect(host.getPluginStatus('one').boundary).toBe('process')
  await host.call('one', 'fine')
  expect(host.getPluginStatus('one').boundary).toBe('process')
  await host[Symbol.asyncDispose]()
  const [loaded] = await auditRecords(workspace.home, { plugin: 'one', type: 'plugin_loaded' })
  expect(loaded?.details).toMatchObject({ boundary: 'process' })
})

test('what it does without is told once, for the call, and no more of the start that asks for its actions', async () => {
  await using workspace = await openWorkspace()
  const lines: string[] = []
  const more = 'permissions: { filesystem: { read: [./plugins] } }'
  await writeProcessPlugin(workspace, 'one', { actions: 'fine: () => 1', more })
  const write = ({ level, message }: { level: string; message: string }) => void lines.push(`${level} ${message}`)
  await using host = await openWorkspaceHost(workspace, { log: { write } })
  await host.call('one', 'fine')
  expect(lines.filter((line) => line.startsWith('info its process does without'))).toEqual([
    expect.stringContaining('one was not granted filesystem.read:'),
  ])
})
