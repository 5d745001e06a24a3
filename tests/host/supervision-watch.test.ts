// A host that watches: what changed comes in as by a reload, and nothing else does.

import { cp, mkdir, rename, rm, utimes } from 'node:fs/promises'
import { type Host, type HostOptions, trustFolder } from '@bulkhead/host'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { writeProcessPlugin } from '../support/supervised-plugin.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const hot = 'lifecycle: { hot_reload: true }'
const version = (which: number): string => `export const which = () => ${which}`
/** Longer than it takes until a change is looked at. */
const aWhileMs = 700

/** Writes what the host tells of reloads. */
const listen = (host: Host): string[] => {
  const told: string[] = []
  host.on('plugin:reloaded', ({ id, from, generation }) => told.push(`${id} ${from} ${generation}`))
  host.on('plugin:reload-failed', ({ id, error }) => told.push(`${id} ${error.code}`))
  return told
}

const openWatching = async (workspace: Workspace, options: HostOptions = {}) => {
  const host = await openWorkspaceHost(workspace, { watch: true, ...options })
  return { host, told: listen(host) }
}

test('what changed is reloaded, once, whether it is code, a file in a new folder, or the manifest', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'one', { source: version(1), more: hot })
  const { host, told } = await openWatching(workspace)
  await using _ = host
  expect(await host.call('one', 'which')).toBe(1)
  await workspace.write('plugins/one/index.js', version(2))
  await expect.poll(() => told, { timeout: 10_000 }).toEqual(['one 1 2'])
  expect(await host.call('one', 'which')).toBe(2)
  await writeScript(workspace, 'one', { source: version(2), more: hot, version: '1.0.1' })
  await expect.poll(() => host.getPluginStatus('one').manifest.version, { timeout: 10_000 }).toBe('1.0.1')

  await workspace.write('plugins/one/deep/er/which.js', 'export const number = 3')
  await writeScript(workspace, 'one', {
    source: `import { number } from './deep/er/which.js'; export const which = () => number`,
    more: hot,
  })
  await expect.poll(() => host.call('one', 'which'), { timeout: 10_000 }).toBe(3)
  // The new folder is watched as well.
  await workspace.write('plugins/one/deep/er/which.js', 'export const number = 4')
  await expect.poll(() => host.call('one', 'which'), { timeout: 10_000 }).toBe(4)
})

test('a folder that is replaced as a whole is found again', async () => {
  await using workspace = await openWorkspace()
  const at = await writeScript(workspace, 'one', { source: version(1), more: hot })
  const { host } = await openWatching(workspace)
  await using _ = host
  expect(await host.call('one', 'which')).toBe(1)
  for (const which of [2, 3]) {
    const next = await writeScript(workspace, 'one', { source: version(which), more: hot, folder: 'next' })
    await rename(at, `${workspace.path}/old-${which}`)
    await rename(next, at)
    await expect.poll(() => host.call('one', 'which'), { timeout: 10_000 }).toBe(which)
  }
  // And what is then changed in it, when nobody looks any more.
  await sleep(aWhileMs)
  await writeScript(workspace, 'one', { source: version(4), more: hot })
  await expect.poll(() => host.call('one', 'which'), { timeout: 10_000 }).toBe(4)
})

test('nothing is reloaded for the same bytes, for a plugin that does not say so, or where nobody watches', async () => {
  await using workspace = await openWorkspace()
  const at = await writeScript(workspace, 'same', { source: version(1), more: hot })
  await writeScript(workspace, 'cold', { source: version(1) })
  await writeScript(workspace, 'hot', { source: version(1), more: hot })
  const { host, told } = await openWatching(workspace)
  await using _ = host
  await using unwatched = await openWorkspaceHost(workspace)
  const toldUnwatched = listen(unwatched)
  for (const name of ['same', 'cold', 'hot']) {
    await host.call(name, 'which')
    await unwatched.call(name, 'which')
  }
  await utimes(`${at}/index.js`, new Date(), new Date())
  await writeScript(workspace, 'same', { source: version(1), more: hot })
  await mkdir(`${at}/empty`)
  await writeScript(workspace, 'cold', { source: version(2) })
  await writeScript(workspace, 'hot', { source: version(2), more: hot })
  // Those that were changed with it are looked at in its time.
  await expect.poll(() => told, { timeout: 10_000 }).toEqual(['hot 1 2'])
  await sleep(aWhileMs)
  expect(told).toEqual(['hot 1 2'])
  expect(await host.call('cold', 'which')).toBe(1)
  expect(toldUnwatched).toEqual([])
})

test.each([
  ['does not compile', { source: 'export const which = = 2', ask: '' }, 'artifact.compile'],
  ['asks for more', { source: version(1), ask: 'permissions: { network: ["https://a.example/*"] }' }, 'plugin.widened'],
  ['has no manifest that can be read', { source: version(1), ask: 'nonsense: [' }, 'manifest.invalid'],
])('a version that %s is told of once and stays out; its mend comes in', async (_what, { source, ask }, code) => {
  await using workspace = await openWorkspace()
  const lines: string[] = []
  await writeScript(workspace, 'one', { source: version(1), more: hot })
  const log = { write: ({ message }: { message: string }) => void lines.push(message) }
  const { host, told } = await openWatching(workspace, { log })
  await using _ = host
  await host.call('one', 'which')
  await writeScript(workspace, 'one', { source, more: `${hot}\n${ask}` })
  await expect.poll(() => told.at(-1), { timeout: 10_000 }).toBe(`one ${code}`)
  const failures = told.length
  expect(lines.some((line) => line.startsWith('not reloaded: '))).toBe(true)
  await sleep(aWhileMs)
  expect(told.length).toBe(failures)
  expect(await host.call('one', 'which')).toBe(1)
  await writeScript(workspace, 'one', { source: version(3), more: hot })
  await expect.poll(() => host.call('one', 'which'), { timeout: 10_000 }).toBe(3)
})

test('one that failed to load, and one in quarantine, come back with their mend; one that was unloaded stays so', async () => {
  await using workspace = await openWorkspace()
  await writeScript(workspace, 'broken', { source: 'export const which = = 1', more: hot })
  await writeScript(workspace, 'unloaded', { source: version(1), more: hot })
  await writeProcessPlugin(workspace, 'crasher', { actions: 'which: () => process.exit(3)', more: hot })
  const { host, told } = await openWatching(workspace, { supervision: { crashes: 1 } })
  await using _ = host
  await expect(host.call('broken', 'which')).rejects.toMatchObject({ code: 'artifact.compile' })
  await expect(host.call('crasher', 'which')).rejects.toMatchObject({ code: 'plugin.crashed' })
  await host.call('unloaded', 'which')
  await host.unloadPlugin('unloaded')
  await expect.poll(() => host.getPluginStatus('crasher').health.state).toBe('quarantined')
  await sleep(aWhileMs)
  expect(told).toEqual([])

  await writeScript(workspace, 'unloaded', { source: version(2), more: hot })
  await writeScript(workspace, 'broken', { source: version(2), more: hot })
  await writeProcessPlugin(workspace, 'crasher', { actions: 'which: () => 2', more: hot })
  await expect.poll(() => told.length, { timeout: 10_000 }).toBe(2)
  await sleep(aWhileMs)
  expect(told.map((line) => line.split(' ')[0]).sort()).toEqual(['broken', 'crasher'])
  expect(host.getPluginStatus('unloaded').state).toBe('stopped')
  for (const name of ['broken', 'crasher', 'unloaded']) expect(await host.call(name, 'which')).toBe(2)
})

test('a project’s plugin is not looked at, however it is trusted', async () => {
  await using workspace = await openWorkspace()
  const folder = '.bulkhead/plugins'
  await writeScript(workspace, 'one', { source: version(1), more: hot, folder })
  const trust = () => trustFolder({ home: workspace.home, folder: workspace.path })
  await trust()
  const { host, told } = await openWatching(workspace, { plugins: [], discover: true })
  await using _ = host
  expect(await host.call('one', 'which')).toBe(1)
  await writeScript(workspace, 'one', { source: version(2), more: hot, folder })
  await trust()
  await sleep(aWhileMs)
  expect(told).toEqual([])
  expect(await host.call('one', 'which')).toBe(1)
})

test('a folder with too many folders is told of, and the plugin goes on', async () => {
  await using workspace = await openWorkspace()
  const at = await writeScript(workspace, 'one', { source: version(1), more: hot })
  const { host, told } = await openWatching(workspace)
  await using _ = host
  await host.call('one', 'which')
  for (let index = 0; index < 600; index++) await mkdir(`${workspace.path}/many/${index}`, { recursive: true })
  await cp(`${workspace.path}/many`, `${at}/many`, { recursive: true })
  await expect.poll(() => told, { timeout: 30_000 }).toContain('one artifact.too-large')
  expect(await host.call('one', 'which')).toBe(1)
  await rm(`${at}/many`, { recursive: true })
})
