// A script plugin over a vault: read, write, list, search, and what its grants leave in sight.

import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'
import { openWorkspace } from '../support/workspace.ts'

const source = `export const call = ({ name, input }) => host.call(name, input)`
const asks = "capabilities: ['notes.read', 'notes.write']"

const openVault = async (grants: readonly string[]) => {
  const stack = new AsyncDisposableStack()
  const workspace = stack.use(await openWorkspace())
  const vault = stack.use(await openTemporaryFolder())
  await mkdir(join(vault.path, 'Projects'))
  await writeFile(join(vault.path, 'Home.md'), '# Home\n\nStart at [[Plan]]; the weather is fine. #daily\n')
  await writeFile(join(vault.path, 'Projects/Plan.md'), '---\naliases: [The plan]\n---\n# Plan\n\nBack [[home]].\n')
  await writeScript(workspace, 'tool', { source, more: asks })
  const host = stack.use(
    await openWorkspaceHost(workspace, {
      notes: { folder: vault.path },
      policy: { boundary: 'thread', grants: { tool: grants } },
    }),
  )
  const call = <T = Record<string, unknown>>(name: string, input: unknown): Promise<T> =>
    host.call('tool', 'call', { name, input }) as Promise<T>
  return { call, path: vault.path, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

test('a plugin reads, writes, lists, searches and follows links', async () => {
  await using vault = await openVault(['notes.read', 'notes.write'])
  const { call } = vault
  const home = await call('notes.read', { path: 'Home' })
  expect(home).toMatchObject({ path: 'Home.md', title: 'Home', tags: ['daily'] })
  const written = await call('notes.write', { path: 'Projects/New', content: 'A glacier. See [[Home]].\n' })
  expect(await readFile(join(vault.path, 'Projects/New.md'), 'utf8')).toBe('A glacier. See [[Home]].\n')
  expect((await call('notes.read', { path: 'Projects/New.md' }))['version']).toBe(written['version'])
  expect(await call('notes.list', { recursive: false })).toMatchObject({
    notes: [{ path: 'Home.md' }],
    folders: ['Projects'],
  })
  expect(await call('notes.search', { query: 'glacier' })).toMatchObject({
    hits: [{ path: 'Projects/New.md', snippet: 'A glacier. See [[Home]].' }],
  })
  expect(await call('notes.backlinks', { path: 'Home' })).toMatchObject({
    links: [{ path: 'Projects/New.md' }, { path: 'Projects/Plan.md' }],
  })
  expect(await call('notes.traverse', { start: 'Projects/New', depth: 2 })).toMatchObject({
    notes: [
      { path: 'Projects/New.md', depth: 0 },
      { path: 'Home.md', depth: 1 },
      { path: 'Projects/Plan.md', depth: 2 },
    ],
  })
})
