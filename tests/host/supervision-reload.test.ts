// A new version of a plugin takes the place of the running one: only when it is well, only when it asks for no more, and
// without a call that fails for it.

import { defineHostFunction, trustFolder } from '@bulkhead/host'
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { auditRecords, makeLatch, openWorkspaceHost, writeScript } from '../support/host.ts'
import { writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace } from '../support/workspace.ts'

const version = (which: number): string => `export const which = () => ${which}`

test('calls under way finish on the old version, later ones get the new one', async () => {
  const latch = makeLatch()
  const wait = defineHostFunction({
    name: 'test.wait',
    input: z.null(),
    output: z.null(),
    needs: () => [],
    risk: 'read-only',
    run: async () => latch.wait().then(() => null),
  })
  await using workspace = await openWorkspace()
  const source = (which: number) =>
    `export const which = () => ${which}; export const slow = async () => { await host.test.wait(null); return ${which} }`
  await writeScript(workspace, 'one', { source: source(1) })
  await using host = await openWorkspaceHost(workspace, { functions: [wait] })
  const told: unknown[] = []
  host.on('plugin:reloaded', (event) => told.push(event))
  host.on('plugin:unloaded', ({ generation }) => told.push(`unloaded ${generation}`))
  const slow = host.call('one', 'slow')
  await latch.reached
  const before = host.getPluginStatus('one').digest
  await writeScript(workspace, 'one', { source: source(2), version: '1.0.1' })
  const info = await host.reloadPlugin('one')
  expect(info).toMatchObject({ state: 'running', manifest: { version: '1.0.1' } })
  expect(info.digest).not.toBe(before)
  expect(await host.call('one', 'which')).toBe(2)
  expect(told).toEqual([{ id: 'one', from: 1, generation: 2 }])
  latch.open()
  expect(await slow).toBe(1)
  await expect.poll(() => told).toEqual([{ id: 'one', from: 1, generation: 2 }, 'unloaded 1'])
  expect(host.getPluginStatus('one')).toMatchObject({ state: 'running', generation: 2 })
  expect(host.listPlugins().map(({ id }) => id)).toEqual(['one'])
})

test('no call fails, and none is answered by neither, while versions follow one another', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source: version(0) })
  await using host = await openWorkspaceHost(workspace)
  const over = new AbortController()
  const caller = async (): Promise<number[]> => {
    const answers: number[] = []
    while (!over.signal.aborted) {
      answers.push(Number(await host.call('one', 'which')))
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    return answers
  }
  const callers = [caller(), caller(), caller()]
  for (let which = 1; which <= 5; which++) {
    await writeScript(workspace, 'one', { source: version(which) })
    await host.reloadPlugin('one')
    expect(await host.call('one', 'which')).toBe(which)
  }
  over.abort()
  for (const answers of await Promise.all(callers)) {
    expect(answers.length).toBeGreaterThan(5)
    expect(answers).toEqual([...answers].sort())
  }
  expect(host.getPluginStatus('one').callsFailed).toBe(0)
})

test.each([
  ['does not compile', 'export const which = = 2', 'artifact.compile'],
  ['loads only to fail', 'throw new Error("no"); export const which = () => 2', 'plugin.failed'],
])('a script that %s does not come in, and the old one goes on', async (_what, source, code) => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', {
    source: 'let n = 0; export const count = () => ++n',
    execution: 'isolation: per-plugin',
  })
  await using host = await openWorkspaceHost(workspace)
  await host.call('one', 'count')
  const { digest } = host.getPluginStatus('one')
  await writeScript(workspace, 'one', { source, execution: 'isolation: per-plugin' })
  await expect(host.reloadPlugin('one')).rejects.toMatchObject({ code })
  expect(await host.call('one', 'count')).toBe(2)
  expect(host.getPluginStatus('one')).toMatchObject({ state: 'running', digest })
})

test.each([
  ['ends at once', { before: 'process.exit(3)' }, 'plugin.crashed'],
  [
    'is another plugin',
    { methods: `initialize: () => ({ protocolVersion: 1, plugin: { name: 'two', version: '1' } })` },
    'protocol.handshake',
  ],
])('a program that %s does not come in, even though its manifest names its actions', async (_what, text, code) => {
  await using workspace = await openWorkspace()
  const more = 'actions: { count: {} }'
  const actions = 'count: () => ++calls'
  await writeProcessPlugin(workspace, 'one', { actions, more })
  await using host = await openWorkspaceHost(workspace)
  await host.call('one', 'count')
  await writeProcessPlugin(workspace, 'one', { actions, more, ...text })
  await expect(host.reloadPlugin('one')).rejects.toMatchObject({ code })
  expect(await host.call('one', 'count')).toBe(2)
  expect(host.getPluginStatus('one').health.state).toBe('healthy')
})

test('a version that asks for more is refused and recorded, whatever was granted; loading it anew is somebody’s word', async () => {
  await using workspace = await openWorkspace()
  const keep = 'export const keep = () => host.kv.set("a", 1)'
  const path = await writeScript(workspace, 'one', { source: version(1) })
  await using host = await openWorkspaceHost(workspace, { policy: { grants: { one: ['storage'] } } })
  expect(await host.call('one', 'which')).toBe(1)
  await writeScript(workspace, 'one', { source: `${version(2)};${keep}`, more: 'permissions: { storage: true }' })
  await expect(host.reloadPlugin('one')).rejects.toMatchObject({
    code: 'plugin.widened',
    message: 'the new version of one asks for storage',
    details: { wider: ['asks for storage'] },
  })
  expect(await host.call('one', 'which')).toBe(1)
  await host.loadPlugin(path)
  expect(await host.call('one', 'which')).toBe(2)
  await host.call('one', 'keep')
  await host[Symbol.asyncDispose]()
  const records = await auditRecords(workspace.home, { type: 'plugin_reloaded' })
  expect(records).toMatchObject([{ plugin: 'one', result: 'denied', why: 'plugin.widened' }])
})

test('the same version again keeps its grants, while the old copy ends and after it', async () => {
  await using workspace = await openWorkspace()
  const source = 'export const keep = async (value) => { await host.kv.set("a", value); return host.kv.get("a") }'
  await writeScript(workspace, 'one', { source, more: 'permissions: { storage: true }' })
  await using host = await openWorkspaceHost(workspace, { policy: { grants: { one: ['storage'] } } })
  const ended = Promise.withResolvers<void>()
  host.on('plugin:unloaded', () => ended.resolve())
  expect(await host.call('one', 'keep', 1)).toBe(1)
  await host.reloadPlugin('one')
  expect(await host.call('one', 'keep', 2)).toBe(2)
  await ended.promise
  expect(await host.call('one', 'keep', 3)).toBe(3)
})

test('reloads of one plugin come after one another, and of an unknown one to nothing', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source: version(1) })
  await using host = await openWorkspaceHost(workspace)
  await Promise.all([host.reloadPlugin('one'), host.reloadPlugin('one'), host.reloadPlugin('one')])
  expect(host.getPluginStatus('one').generation).toBe(3)
  expect(await host.call('one', 'which')).toBe(1)
  await expect(host.reloadPlugin('two')).rejects.toMatchObject({ code: 'plugin.unknown' })
})

test('what is another plugin by now is not let in under the old name', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source: version(1) })
  await using host = await openWorkspaceHost(workspace)
  await host.call('one', 'which')
  await workspace.write(
    'plugins/one/plugin.yaml',
    'manifest: 1\nname: two\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, entry: index.js }\n',
  )
  await expect(host.reloadPlugin('one')).rejects.toMatchObject({ code: 'config.invalid' })
  expect(await host.call('one', 'which')).toBe(1)
})

test('a project’s plugin that changed comes in only once somebody trusts the folder as it is', async () => {
  await using workspace = await openWorkspace()
  const folder = '.bulkhead/plugins'
  const trust = () => trustFolder({ home: workspace.home, folder: workspace.path })
  await writeScript(workspace, 'one', { source: version(1), folder })
  await trust()
  await using host = await openWorkspaceHost(workspace, { plugins: [], discover: true })
  expect(await host.call('one', 'which')).toBe(1)
  await writeScript(workspace, 'one', { source: version(2), folder })
  await expect(host.reloadPlugin('one')).rejects.toMatchObject({ code: 'trust.required' })
  // Its manifest is not even read before: else it would be this that is told.
  const manifest = await readFile(`${workspace.path}/${folder}/one/plugin.yaml`, 'utf8')
  await workspace.write(`${folder}/one/plugin.yaml`, 'no manifest')
  await expect(host.reloadPlugin('one')).rejects.toMatchObject({ code: 'trust.required' })
  await workspace.write(`${folder}/one/plugin.yaml`, manifest)
  expect(await host.call('one', 'which')).toBe(1)
  await trust()
  expect(await host.reloadPlugin('one')).toMatchObject({ origin: 'project' })
  expect(await host.call('one', 'which')).toBe(2)
})

test('a host that closes while it reloads leaves nothing behind', async () => {
  await using workspace = await openWorkspace()
  await writeProcessPlugin(workspace, 'one', { actions: 'count: () => ++calls' })
  const host = await openWorkspaceHost(workspace)
  await host.call('one', 'count')
  const reload = host.reloadPlugin('one').catch(({ code }: { code: string }) => code)
  await host[Symbol.asyncDispose]()
  expect(await reload).toBe('host.closed')
  expect(host.getPluginStatus('one').state).not.toBe('running')
  await expect(host.reloadPlugin('one')).rejects.toMatchObject({ code: 'host.closed' })
})

test('a version that came in by a reload makes room as any other when nobody calls it', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source: version(1) })
  await using host = await openWorkspaceHost(workspace, { cache: { ttlMs: 300 } })
  await host.call('one', 'which')
  // Heard, not looked up: a busy machine may take longer than the version is kept.
  const states: string[] = []
  host.on('plugin:state', ({ to, generation }) => states.push(`${generation} ${to}`))
  const { generation } = host.getPluginStatus('one')
  await host.reloadPlugin('one')
  await expect.poll(() => host.getPluginStatus('one').state, { timeout: 10_000 }).toBe('stopped')
  const fresh = `${generation + 1}`
  expect(states.indexOf(`${fresh} stopped`)).toBeGreaterThan(states.indexOf(`${fresh} running`))
  expect(states).toContain(`${fresh} running`)
})
