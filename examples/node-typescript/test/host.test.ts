// The plugin as a host runs it, in Node and, with one line of its manifest changed, in the interpreter.

import { createHash } from 'node:crypto'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { openHost } from '@bulkhead/host'
import { afterEach, beforeEach, expect, test } from 'vitest'

const example = fileURLToPath(new URL('..', import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-node-typescript-'))
})
afterEach(() => rm(folder, { recursive: true }))

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex')

test.each(['process', 'script'])('digests, counts and logs with tier: %s', async (tier) => {
  const plugin = join(folder, 'plugin')
  await cp(example, plugin, { recursive: true })
  const manifest = await readFile(join(plugin, 'plugin.yaml'), 'utf8')
  await writeFile(join(plugin, 'plugin.yaml'), manifest.replace(/^ {2}tier: process$/m, `  tier: ${tier}`))
  const lines: string[] = []
  await using host = await openHost({
    plugins: [plugin],
    home: join(folder, 'home'),
    workspaceRoot: folder,
    log: { write: ({ message }) => void lines.push(message) },
  })
  expect(host.listPlugins()).toMatchObject([{ manifest: { execution: { tier } } }])
  for (const [count, text] of ['', 'abc', '✓'.repeat(500)].entries()) {
    expect(await host.call('node-typescript', 'digest', { text })).toEqual({
      digest: digestOf(text),
      digests: count + 1,
    })
  }
  expect(lines).toContain('digested 3 characters 1 times')
  expect(await host.call('node-typescript', 'fibonacci', 20)).toBe(6765)
  await expect(host.call('node-typescript', 'digest', { txt: 'abc' })).rejects.toMatchObject({ code: 'input.invalid' })
})
