// `bulkhead audit` after a denied and an allowed call, and after somebody edited the log.

import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

test('both decisions are on record with their reasons; an edit is found', async () => {
  await using workspace = await openWorkspace()
  await workspace.write('data/notes.txt', 'land ahoy')
  await workspace.write('read.ts', "export const read = async () => host.fs.readText('./data/notes.txt')")
  const options = { ...workspace, cwd: workspace.path }
  expect((await bulkhead(['run', './read.ts', 'read'], options)).code).toBe(4)
  expect((await bulkhead(['run', './read.ts', 'read', '-g', 'filesystem.read:./data'], options)).code).toBe(0)

  const denied = await bulkhead(['audit', '--denied', '--json'], options)
  expect(denied.json()).toMatchObject({
    ok: true,
    records: [{ plugin: 'read', result: 'denied', type: 'capability_check' }],
  })
  const allowed = await bulkhead(['audit', '--allowed', '--type', 'capability_check', '--json'], options)
  expect(allowed.json()).toMatchObject({
    records: [{ result: 'allowed', capabilities: [expect.stringContaining('notes.txt')] }],
  })
  const table = await bulkhead(['audit', '--plugin', 'read', '--since', '1h', '-n', '100'], options)
  expect(table.out.toString()).toContain('denied')

  const intact = await bulkhead(['audit', 'verify'], options)
  expect(intact.code).toBe(0)
  expect(intact.out.toString()).toContain('This does not prove')

  const folder = join(workspace.home, 'audit')
  for (const name of await readdir(folder, { recursive: true })) {
    const file = join(folder, name)
    const text = await readFile(file, 'utf8').catch(() => '')
    if (text.includes('"denied"')) await writeFile(file, text.replace('"denied"', '"allowed"'))
  }
  const edited = await bulkhead(['audit', 'verify', '--json'], options)
  expect(edited.json().error.code).toBe('audit.broken')
  expect(edited.code).toBe(3)
})
