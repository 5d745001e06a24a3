// A plugin's folder that costs next to nothing to ship and a great deal to read: sparse files, folders without end. It is
// refused with a word about why, before the host has read itself to death.

import { mkdir, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { inspectPlugin, openHost, previewTrust } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const manifest = 'name: bulk\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, entry: index.js }\n'

const writePlugin = async (workspace: Workspace): Promise<string> => {
  await workspace.write('bulk/plugin.yaml', manifest)
  await workspace.write('bulk/index.js', 'export const run = () => 1')
  return join(workspace.path, 'bulk')
}

const writeSparse = async (workspace: Workspace, name: string, bytes: number): Promise<void> => {
  await workspace.write(name, '')
  await truncate(join(workspace.path, name), bytes)
}

/** Deeper still, and its paths would be longer than the system takes. */
const nest = (folder: string): Promise<unknown> =>
  mkdir(join(folder, ...Array.from({ length: 70 }, () => 'd')), { recursive: true })

const load = async ({ home }: Workspace, path: string): Promise<unknown> => {
  await using host = await openHost({ home, plugins: [path] })
  return await host.call('bulk', 'run', null)
}

test('sparse source files are read up to a bound of all together', async () => {
  await using workspace = await openWorkspace()
  const path = await writePlugin(workspace)
  for (const name of ['a', 'b']) await writeSparse(workspace, `bulk/${name}.json`, 60 * 1024 * 1024)
  await expect(load(workspace, path)).rejects.toMatchObject({ code: 'artifact.too-large' })
})

test('folders without end are a fault of the plugin', async () => {
  await using workspace = await openWorkspace()
  const path = await writePlugin(workspace)
  await nest(path)
  await expect(load(workspace, path)).rejects.toMatchObject({ code: 'artifact.too-large' })
  const report = await inspectPlugin(path)
  expect(report.warnings.join()).toMatch(/more than 64 deep/)
})

test('nor are they hashed for trust', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('.bulkhead/x', '')
  await nest(join(workspace.path, '.bulkhead'))
  await expect(previewTrust({ folder: workspace.path })).rejects.toMatchObject({ code: 'artifact.too-large' })
})
