// The plugin as a host runs it: in its interpreter, behind the gate.

import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Host, openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'

const plugin = fileURLToPath(new URL('..', import.meta.url))
const examples = fileURLToPath(new URL('../..', import.meta.url))

let home: string
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'bulkhead-text-tools-'))
})
afterEach(() => rm(home, { recursive: true }))

const open = (grants: readonly string[]): Promise<Host> =>
  openHost({ plugins: [plugin], home, workspaceRoot: examples, policy: { grants: { 'text-tools': grants } } })

test('gives in the interpreter what its functions give here', async () => {
  const { stats } = await import('../src/stats.ts')
  const text = await readFile(join(examples, 'texts/loomings.txt'), 'utf8')
  await using host = await open([])
  expect(await host.call('text-tools', 'stats', { text })).toEqual(stats(text))
  expect(await host.call('text-tools', 'slugify', { text: 'Crème brûlée!' })).toEqual({ slug: 'creme-brulee' })
})

test('reads a file only where it was granted', async () => {
  const input = { path: 'texts/loomings.txt', top: 1 }
  {
    await using host = await open(['filesystem.read:./texts'])
    expect(await host.call('text-tools', 'file-stats', input)).toMatchObject({ paragraphs: 12 })
    await expect(host.call('text-tools', 'file-stats', { path: 'text-tools/plugin.yaml' })).rejects.toMatchObject({
      code: 'capability.denied',
    })
  }
  await using host = await open([])
  await expect(host.call('text-tools', 'file-stats', input)).rejects.toMatchObject({ code: 'capability.denied' })
})

test('names the field that does not fit', async () => {
  await using host = await open([])
  await expect(host.call('text-tools', 'stats', { text: 1 })).rejects.toMatchObject({
    code: 'input.invalid',
    message: expect.stringContaining('text') as string,
  })
})
