// The sources of a plugin that runs in a jail are bundled in a jail: with the same faults told in the same words, and with
// nothing of the bundler's in the host.

import { readdirSync, readFileSync } from 'node:fs'
import { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { openWorkspaceHost } from '../support/host.ts'
import { openWorkspace, type Workspace } from '../support/workspace.ts'

const write = async (workspace: Workspace, name: string, files: Readonly<Record<string, string>>, tier = 'script') => {
  const manifest = `manifest: 1\nname: ${name}\nversion: 1.0.0\ntype: tool\nexecution: { tier: ${tier}, entry: main.ts }\n`
  await workspace.write(`plugins/${name}/plugin.yaml`, manifest)
  for (const [file, text] of Object.entries(files)) await workspace.write(`plugins/${name}/${file}`, text)
}

/** What loading comes to at a boundary. */
const loadedAt = async (workspace: Workspace, boundary: 'jail' | 'thread', name: string): Promise<unknown> => {
  await using host = await openWorkspaceHost(workspace, { policy: { boundary } })
  try {
    return await host.call(name, 'answer')
  } catch (thrown) {
    const { code, message, details } = thrown as BulkheadError
    return { code, message, details }
  }
}

test.each<[string, Readonly<Record<string, string>>]>([
  [
    'fine',
    {
      'main.ts': `import { six } from './lib.ts'\nexport const answer = (): number => six * 7`,
      'lib.ts': 'export const six = 6',
    },
  ],
  ['a fault of syntax', { 'main.ts': 'export const answer = (: number => 42' }],
  ['a file that is not there', { 'main.ts': `import './nowhere.ts'\nexport const answer = () => 42` }],
  ['a file outside', { 'main.ts': `import '../../home/policy.json'\nexport const answer = () => 42` }],
  ['a module of Node', { 'main.ts': `import 'node:fs'\nexport const answer = () => 42` }],
])('%s: in a jail as on a thread', async (_, files) => {
  await using workspace = await openWorkspace()
  await write(workspace, 'p', files)
  const there = await loadedAt(workspace, 'jail', 'p')
  expect(there).toEqual(await loadedAt(workspace, 'thread', 'p'))
  if ('lib.ts' in files) expect(there).toBe(42)
})

/** Processes of the bundler whose parent is this one. */
const bundlersHere = (): string[] =>
  readdirSync('/proc').filter((pid) => {
    try {
      if (!/^\d+$/.test(pid)) return false
      const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      const parent = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
      return (command.split('\0')[0] ?? '').endsWith('/esbuild') && Number(parent) === process.pid
    } catch {
      return false
    }
  })

test.each(['script', 'process'])('the host starts no bundler of its own for a plugin of the tier %s', async (tier) => {
  await using workspace = await openWorkspace()
  await write(workspace, 'p', { 'main.ts': 'export const answer = (): number => 42' }, tier)
  await using host = await openWorkspaceHost(workspace)
  const seen: string[] = []
  const watch = setInterval(() => seen.push(...bundlersHere()), 5)
  expect(await host.call('p', 'answer')).toBe(42)
  clearInterval(watch)
  expect(seen).toEqual([])
})

test('sources that break the bundler down are refused, and a neighbour loads all the same', async () => {
  await using workspace = await openWorkspace()
  await write(workspace, 'bomb', { 'main.ts': `export const answer = ${'('.repeat(2_000_000)}1` })
  await write(workspace, 'calm', { 'main.ts': 'export const answer = (): number => 42' })
  await using host = await openWorkspaceHost(workspace, { policy: { boundary: 'jail' } })
  const [broken, whole] = await Promise.allSettled([host.call('bomb', 'answer'), host.call('calm', 'answer')])
  expect(broken).toMatchObject({
    status: 'rejected',
    reason: { code: expect.stringMatching(/^(?:artifact|plugin|limit)\./) },
  })
  expect(whole).toEqual({ status: 'fulfilled', value: 42 })
})
