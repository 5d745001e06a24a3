// How a process plugin is stopped: its calls finish, it is asked, its input is closed, its whole tree is told, and then killed.
// Each program here answers to one stage and to none before.

import { expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { type ProcessPluginText, processesWith, writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

let words = 0

/** Starts the plugin, unloads it, and answers what it said on the way, and what is left of it. */
const stop = async (text: Partial<ProcessPluginText>) => {
  await using workspace = await openWorkspace()
  const word = `stopped-${process.pid}-${++words}`
  const child = `process.title = '${word}'; setInterval(() => {}, 1000); process.on('SIGTERM', () => { console.log('child told'); ${text.more ?? 'process.exit(0)'} }); console.log('up')`
  await writeProcessPlugin(workspace, 'one', {
    actions: `go: () => new Promise((done) => {
      const child = spawn(process.execPath, ['-e', ${JSON.stringify(child)}], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
      createInterface({ input: child.stdout }).on('line', (line) => (line === 'up' ? done('up') : say(line)))
    })`,
    ...text,
    before: `process.title = '${word}'\n${text.before ?? ''}`,
    more: 'lifecycle: { graceful_shutdown_timeout: 700ms }',
  })
  const said: string[] = []
  await using host = await openWorkspaceHost(workspace, { log: { write: ({ message }) => void said.push(message) } })
  expect(await host.call('one', 'go')).toBe('up')
  expect(processesWith(word)).toHaveLength(2)
  // The process that told its actions at load was asked to end as well.
  said.length = 0
  await host.unloadPlugin('one')
  expect(processesWith(word)).toEqual([])
  expect(host.getPluginStatus('one')).toMatchObject({ state: 'stopped', health: { state: 'healthy', crashes: 0 } })
  return said
}

const asked = `shutdown: () => { say('asked'); return {} }`

test('a program that ends when it is asked hears nothing else', async () => {
  const methods = `shutdown: () => { say('asked'); setImmediate(() => process.exit(0)); return {} }`
  expect(await stop({ methods, closed: `say('closed')` })).toEqual(['asked'])
})

test('after its answer its input is closed', async () => {
  expect(await stop({ methods: asked, closed: `say('closed'); process.exit(0)` })).toEqual(['asked', 'closed'])
})

test('one that stays is told by SIGTERM, and so is every process of its tree', async () => {
  const before = `process.on('SIGTERM', () => { say('told'); setTimeout(() => process.exit(0), 200) }); setInterval(() => {}, 1000)`
  const said = await stop({ methods: asked, closed: `say('closed')`, before })
  expect(said.slice(0, 2)).toEqual(['asked', 'closed'])
  expect(said.slice(2).sort()).toEqual(['child told', 'told'])
})

test('one that ignores everything is killed, and its children with it', async () => {
  const before = `process.on('SIGTERM', () => say('told')); setInterval(() => {}, 1000)`
  const methods = `shutdown: () => { say('asked'); return silent }`
  const said = await stop({ methods, closed: `say('closed')`, before, more: ';' })
  expect(said[0]).toBe('asked')
  expect(said.slice(1).sort()).toEqual(['child told', 'closed', 'told'])
})

test('calls in flight finish first, and what does not finish within the grace fails with its own error', async () => {
  await using workspace = await openWorkspace()
  const actions = `slow: () => new Promise((done) => setTimeout(done, 250, 'done')), hang: () => new Promise(() => {})`
  await writeProcessPlugin(workspace, 'one', { actions, more: 'lifecycle: { graceful_shutdown_timeout: 600ms }' })
  await using host = await openWorkspaceHost(workspace)
  const slow = host.call('one', 'slow')
  const outcome = host.call('one', 'hang', null, { user: 'other' }).catch((thrown: unknown) => thrown)
  await expect.poll(() => host.getPluginStatus('one').callsRunning).toBe(2)
  await host.unloadPlugin('one')
  expect(await slow).toBe('done')
  expect(await outcome).toMatchObject({ code: 'plugin.crashed', message: 'one was unloaded' })
  expect(host.getPluginStatus('one').health).toEqual({ state: 'healthy', crashes: 0 })
})
