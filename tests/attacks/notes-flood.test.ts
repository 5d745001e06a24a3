// A plugin that may write notes tries to fill the disk with them: what it writes in a day is bounded, over calls and hosts.

import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { openWorkspace } from '../support/workspace.ts'

const source = `export const call = ({ name, input }) => host.call(name, input)`
const quota = { limits: { notesDailyBytes: 1000 } }

test('a flood of notes ends at the limit of the day, also after a restart', async () => {
  await using workspace = await openWorkspace()
  const folder = join(workspace.path, 'vault')
  await mkdir(folder)
  await writeScript(workspace, 'tool', { source, more: "capabilities: ['notes.read', 'notes.write']" })
  const open = () =>
    openWorkspaceHost(workspace, {
      notes: { folder },
      policy: { boundary: 'thread', grants: { tool: ['notes.read', 'notes.write'] } },
    })
  const refusal = { code: 'limit.notes-daily' }
  {
    await using host = await open()
    const call = (name: string, input: object) => host.call('tool', 'call', { name, input }, quota)
    await call('notes.write', { path: 'A', content: 'a'.repeat(400) })
    await call('notes.append', { path: 'A', content: 'é'.repeat(200) })
    // What changes nothing counts for nothing: a dry run, and a write that was refused.
    await call('notes.write', { path: 'A', content: 'a'.repeat(900), dryRun: true })
    await expect(call('notes.create', { path: 'A', content: 'a'.repeat(200) })).rejects.toMatchObject({
      code: 'notes.conflict',
    })
    await expect(call('notes.write', { path: 'B', content: 'b'.repeat(201) })).rejects.toMatchObject(refusal)
    await expect(call('notes.append', { path: 'B', content: 'b'.repeat(201) })).rejects.toMatchObject(refusal)
    await expect(
      call('notes.edit', { path: 'A', find: 'é'.repeat(200), replace: 'b'.repeat(201) }),
    ).rejects.toMatchObject(refusal)
    await call('notes.create', { path: 'C', content: 'c'.repeat(200) })
  }
  await using later = await open()
  await expect(
    later.call('tool', 'call', { name: 'notes.create', input: { path: 'D', content: 'd' } }, quota),
  ).rejects.toMatchObject(refusal)
  expect((await readdir(folder)).toSorted()).toEqual(['A.md', 'C.md'])
})
