// Which processes there are: one for each principal, shared by its users, one more to spare, and none when the host is gone.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { auditRecords, openWorkspaceHost, writeScript } from '../support/host.ts'
import { jailsBelow } from '../support/jails.ts'
import { listenTo } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const source = 'let calls = 0\nexport const count = () => ++calls\n'

test('each plugin has a jail of its own, its users share it, and it goes with the plugin', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source, execution: 'isolation: per-plugin' })
  await writeScript(workspace, 'two', { source, execution: 'isolation: per-plugin' })
  await using host = await openWorkspaceHost(workspace, { policy: { boundary: 'jail' } })
  expect(await host.call('one', 'count', null, { user: 'ada' })).toBe(1)
  const [first] = jailsBelow(process.pid)
  // Another user finds no state of hers, in the same process.
  expect(await host.call('one', 'count', null, { user: 'bob' })).toBe(1)
  expect(await host.call('one', 'count', null, { user: 'ada' })).toBe(2)
  expect(await host.call('two', 'count')).toBe(1)
  // Theirs, and one to spare.
  await expect.poll(() => jailsBelow(process.pid).length, { timeout: 10_000 }).toBe(3)
  await host.unloadPlugin('one')
  expect(jailsBelow(process.pid)).not.toContain(first)
  expect(await host.call('two', 'count')).toBe(2)
})

test('a reload moves the plugin into a jail that the copy before it never had', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source })
  await using host = await openWorkspaceHost(workspace, { policy: { boundary: 'jail' } })
  await host.call('one', 'count')
  const [first] = jailsBelow(process.pid)
  await host.reloadPlugin('one')
  await host.call('one', 'count')
  expect(first).toBeDefined()
  expect(jailsBelow(process.pid)).not.toContain(first)
})

test('a closed host leaves no process behind, spares neither', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source })
  const before = jailsBelow(process.pid)
  {
    await using host = await openWorkspaceHost(workspace, { policy: { boundary: 'jail' } })
    await host.call('one', 'count')
    await expect.poll(() => jailsBelow(process.pid).length, { timeout: 10_000 }).toBe(before.length + 2)
  }
  expect(jailsBelow(process.pid)).toEqual(before)
})

const program = (folder: string, home: string): string => `
  import { openHost } from '@bulkhead/host'
  const host = await openHost({ home: ${JSON.stringify(home)}, plugins: [${JSON.stringify(folder)}], policy: { boundary: 'jail' } })
  await host.call('one', 'count')
  console.log('ready')
  await host.call('one', 'spin', null, { timeoutMs: 60_000 })
`

test('a host that is killed leaves no jail behind, whatever runs in it', async () => {
  await using workspace = await openWorkspace()
  const folder = await writeScript(workspace, 'one', { source: `${source}export const spin = () => { for (;;); }\n` })
  const child = spawn(
    process.execPath,
    ['--conditions=@bulkhead/source', '--input-type=module', '-e', program(folder, workspace.home)],
    { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await once(child.stdout, 'data')
  const jails = jailsBelow(child.pid ?? 0)
  expect(jails.length).toBeGreaterThan(0)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const alive = (): number[] =>
    jails.filter((pid) => {
      try {
        return process.kill(pid, 0)
      } catch {
        return false
      }
    })
  await expect.poll(alive, { timeout: 10_000 }).toEqual([])
})

test('no jail is kept to spare where none is wanted', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source })
  const before = jailsBelow(process.pid).length
  await using host = await openWorkspaceHost(workspace, { policy: { boundary: 'jail' }, spareJails: 0 })
  await host.call('one', 'count')
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(jailsBelow(process.pid)).toHaveLength(before + 1)
})

test.each(['script', 'wasm'])(
  'the jail of a %s plugin that dies while nothing runs in it is told of as a crash',
  async (tier) => {
    await using workspace = await openWorkspace()
    await writeScript(workspace, 'two', { source })
    if (tier === 'script') await writeScript(workspace, 'one', { source })
    else {
      // One function, which does nothing.
      const module = [
        0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 9, 1, 5, 99, 111, 117, 110, 116, 0, 0,
      ]
      await workspace.write('plugins/one/plugin.wasm', Uint8Array.from([...module, 10, 4, 1, 2, 0, 11]))
      const execution = 'execution: { tier: wasm, entry: plugin.wasm }'
      await workspace.write(
        'plugins/one/plugin.yaml',
        `manifest: 1\nname: one\nversion: 1.0.0\ntype: tool\n${execution}\n`,
      )
    }
    const before = jailsBelow(process.pid)
    await using host = await openWorkspaceHost(workspace, { policy: { boundary: 'jail' }, spareJails: 0 })
    const events = ['crashed', 'restarted', 'healthy', 'unloaded']
    const [one, two] = [listenTo(host, 'one', events), listenTo(host, 'two', events)]
    await host.call('one', 'count')
    const [jail] = jailsBelow(process.pid).filter((pid) => !before.includes(pid))
    await host.call('two', 'count')
    process.kill(jail ?? 0, 'SIGKILL')
    await expect.poll(() => one).toEqual(['crashed 1'])
    expect(host.getPluginStatus('one').health).toMatchObject({ state: 'recovering', crashes: 1 })
    await host.call('one', 'count')
    expect(one).toEqual(['crashed 1', 'restarted 2', 'healthy 2'])
    await host.unloadPlugin('one')
    expect(one.slice(3)).toEqual(['unloaded 1'])
    expect(two).toEqual([])
    await expect
      .poll(() => auditRecords(workspace.home, { type: 'plugin_crashed' }))
      .toMatchObject([{ plugin: 'one', why: 'plugin.crashed', details: { generation: 1 } }])
  },
)
