// The operator's view of what plugins store, through the command itself.

import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

test('what a plugin stored is listed, read, deleted and cleared', async () => {
  await using workspace = await openWorkspace()
  const options = { ...workspace, cwd: workspace.path }
  await workspace.write(
    'keep.js',
    'export const keep = async (values) => { for (const [key, value] of values) await host.kv.set(key, value) }',
  )
  const values = [
    ['a/1', { hits: 7 }],
    ['a/2', 'two'],
    ['b', null],
  ]
  const ran = await bulkhead(
    ['run', './keep.js', 'keep', '--boundary', 'thread', '--grant', 'storage', '-i', JSON.stringify(values)],
    options,
  )
  expect(ran).toMatchObject({ code: 0 })

  const owners = (await bulkhead(['state', '--json'], options)).json() as unknown as {
    spaces: { scope: string; owner: string; keys: number }[]
  }
  expect(owners.spaces).toMatchObject([{ scope: 'plugin', keys: 3 }])
  const owner = owners.spaces[0]?.owner ?? ''

  const listed = await bulkhead(['state', 'list', './keep.js', '--prefix', 'a/'], options)
  expect(listed.out.toString()).toMatch(/a\/1 +1 +\{"hits":7\}\na\/2 +2 +"two"\n/)
  expect((await bulkhead(['state', 'get', owner, 'a/1'], options)).out.toString()).toBe('{\n  "hits": 7\n}\n')
  expect(await bulkhead(['state', 'delete', './keep.js', 'b'], options)).toMatchObject({ code: 0 })
  expect((await bulkhead(['state', 'clear', './keep.js', '--yes', '--json'], options)).json()).toMatchObject({
    ok: true,
    cleared: 2,
  })
  const recorded = await bulkhead(['audit', '--type', 'storage_changed', '--json'], options)
  expect(recorded.json()).toMatchObject({ records: [{}, {}] })
})

test('what a plugin stored whose folder is gone is cleared by the name that the hint tells', async () => {
  await using workspace = await openWorkspace()
  const options = { ...workspace, cwd: workspace.path }
  const path = await workspace.write('gone.js', `export const keep = () => host.kv.set('a', 1)`)
  await bulkhead(['run', './gone.js', 'keep', '--boundary', 'thread', '--grant', 'storage'], options)
  await rm(path)
  const refused = await bulkhead(['state', 'clear', './gone.js', '--yes', '--json'], options)
  const { code, hint } = (refused.json() as unknown as { error: { code: string; hint: string } }).error
  expect([code, hint]).toEqual(['artifact.missing', expect.stringContaining(`'file:${path}#gone'`)])
  const owner = /'([^']+)'/.exec(hint)?.[1] ?? ''
  expect((await bulkhead(['state', 'clear', owner, '--yes', '--json'], options)).json()).toMatchObject({ cleared: 1 })
  const nobody = await bulkhead(['state', 'clear', './nobody.js', '--yes', '--json'], options)
  expect(nobody.json()).toMatchObject({
    error: { code: 'artifact.missing', hint: expect.stringContaining('Name a plugin') },
  })
})
