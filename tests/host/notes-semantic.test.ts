// Search by meaning as a plugin reaches it, with the word vectors that a host has when it is given no embedder: on the judged
// set, so that neither the index's passages and rounding nor its joining of both ways loses what the vectors are good for.

import { cp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { readLabelledSet } from '../../bench/semantic/labelled-set.ts'
import { openWorkspaceHost, writeScript } from '../support/host.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'
import { openWorkspace } from '../support/workspace.ts'

const source = `export const search = async ({ queries, mode, limit }) => {
  const answers = []
  for (const query of queries) answers.push(await host.call('notes.search', { query, mode, limit }))
  return answers
}`

const judgedVault = fileURLToPath(new URL('../../bench/semantic/vault/', import.meta.url))
const { queries } = readLabelledSet()
const chosen = queries.filter(({ half }) => half === 'test')

/** About many things, with a name that means something else. */
const oddment = `# Oddment

Left the spare keys next door and paid the window cleaner. The bicycle needs a chain, the kitchen tap drips again, and the
library wants its atlas back. The cat of next door, Compiler, was on the roof. Buy stamps, lamp oil and a birthday card.
`

interface Answer {
  readonly hits: readonly { readonly path: string }[]
  readonly pending: number
}

test('finds by both ways more than twice what it finds by words, and names besides', { timeout: 120_000 }, async () => {
  await using workspace = await openWorkspace()
  await using vault = await openTemporaryFolder()
  await cp(judgedVault, vault.path, { recursive: true })
  await writeFile(join(vault.path, 'oddment.md'), oddment)
  await writeScript(workspace, 'tool', { source, more: "capabilities: ['notes.read']" })
  await using host = await openWorkspaceHost(workspace, {
    notes: { folder: vault.path },
    policy: { boundary: 'thread', grants: { tool: ['notes.read'] } },
  })
  const search = (texts: readonly string[], mode: string): Promise<readonly Answer[]> =>
    host.call('tool', 'search', { queries: texts, mode, limit: 5 }) as Promise<readonly Answer[]>
  while ((await search(['ready'], 'semantic')).some(({ pending }) => pending > 0)) await sleep(50)

  const recall = async (mode: string): Promise<number> => {
    let sum = 0
    for (let at = 0; at < chosen.length; at += 20) {
      const some = chosen.slice(at, at + 20)
      const answers = await search(
        some.map(({ text }) => text),
        mode,
      )
      for (const [index, { notes }] of some.entries()) {
        const found = answers[index]?.hits.map(({ path }) => path.replace(/\.md$/, '')) ?? []
        sum += notes.filter((note) => found.includes(note)).length / notes.length
      }
    }
    return sum / chosen.length
  }
  const [text, semantic, hybrid] = [await recall('text'), await recall('semantic'), await recall('hybrid')]
  expect(semantic).toBeGreaterThan(0.75)
  expect(hybrid).toBeGreaterThan(0.75)
  expect(hybrid).toBeGreaterThan(2 * text)

  // What is about the same as a name must not hide the one note that has the name in it.
  const [named] = await search(['compiler'], 'hybrid')
  expect(named?.hits.slice(0, 2).map(({ path }) => path)).toContain('oddment.md')
})
