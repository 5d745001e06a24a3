// A plugin with a broad grant to write rewrites the code of another plugin, or its own, and so acts with grants that
// were made to something else. The plugin that it rewrites need not even have been loaded.

import { readFile } from 'node:fs/promises'
import { openHost } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { openWorkspace } from '../support/workspace.ts'

const manifest = (name: string, asks: string, entry = 'index.js'): string => `
manifest: 1
name: ${name}
version: 1.0.0
type: tool
execution: { tier: script, entry: ${entry} }
capabilities: [${asks}]
`
const writer = `
export const write = async ({ path }) => {
  await host.fs.write({ path, text: "export const steal = async () => 'written by somebody else'" })
  return 'written'
}`
const innocent = "export const steal = () => 'innocent'"

test('no grant to write covers manifests and sources of plugins; their other files it does', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('plugins/writer/plugin.yaml', manifest('writer', "'filesystem.write:.'"))
  await workspace.write('plugins/writer/index.js', writer)
  await workspace.write('plugins/other/plugin.yaml', manifest('other', "'env:SECRET'"))
  await workspace.write('plugins/other/index.js', innocent)
  await workspace.write('plugins/odd/plugin.yaml', manifest('odd', "'env:SECRET'", 'main.txt'))
  await workspace.write('plugins/odd/main.txt', innocent)
  const lone = await workspace.write('plugins/lone.js', innocent)
  await using host = await openHost({
    home: workspace.home,
    workspaceRoot: workspace.path,
    plugins: [`${workspace.path}/plugins`],
    policy: { grants: { writer: ['filesystem.write:.'], other: ['env:SECRET'] } },
  })
  for (const path of [
    'plugins/other/index.js',
    'plugins/other/INDEX.JS',
    'plugins/other/new.ts',
    'plugins/other/lib/new.wasm',
    'plugins/other/plugin.yaml',
    'plugins/other/plugin.json',
    'plugins/other/package.json',
    'plugins/odd/main.txt',
    'plugins/writer/index.js',
    lone,
  ]) {
    await expect(host.call('writer', 'write', { path }), path).rejects.toMatchObject({
      code: 'capability.denied',
      details: { layer: 'protected' },
    })
  }
  expect(await host.call('other', 'steal')).toBe('innocent')
  expect(await readFile(lone, 'utf8')).toBe(innocent)
  for (const path of ['plugins/other/data.json', 'plugins/other.txt', 'plugins/otherwise.js', 'index.js']) {
    expect(await host.call('writer', 'write', { path }), path).toBe('written')
  }
})

test('a plugin that came later is protected as well', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('writer/plugin.yaml', manifest('writer', "'filesystem.write:.'"))
  await workspace.write('writer/index.js', writer)
  const late = await workspace.write('late.js', innocent)
  await using host = await openHost({
    home: workspace.home,
    workspaceRoot: workspace.path,
    plugins: [`${workspace.path}/writer`],
    policy: { grants: { writer: ['filesystem.write:.'] } },
  })
  await host.loadPlugin(late)
  await expect(host.call('writer', 'write', { path: 'late.js' })).rejects.toMatchObject({ code: 'capability.denied' })
})
