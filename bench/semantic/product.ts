// The same queries as a plugin asks them: through the gate, with the index of the vault, its passages and its rounding.

import { openHost } from '@bulkhead/host'
import { openBenchFolder } from '../plugins/folder.ts'
import type { Ranking } from './judge.ts'
import { labelledVault, type LabelledQuery } from './labelled-set.ts'
import type { Search } from './searches.ts'

/** The modes of `notes.search`. */
export type Mode = 'text' | 'semantic' | 'hybrid'

/** What `notes.search` finds for each of the queries, in each mode. */
export const searchByPlugin = async (queries: readonly LabelledQuery[]): Promise<Readonly<Record<Mode, Search>>> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({
    home: folder.home,
    notes: { folder: labelledVault },
    policy: { boundary: 'thread', grants: { notes: ['notes.read'] } },
  })
  const plugin = await folder.write({ name: 'notes', kind: 'JavaScript', source: 'notes', keepsState: true })
  const { id } = await host.loadPlugin(plugin)
  while ((await host.call(id, 'pending', [])) !== 0) await new Promise((resolve) => setTimeout(resolve, 20))
  const searchIn = async (mode: Mode): Promise<Search> => {
    const found = new Map<string, Ranking>()
    for (const { text } of queries) {
      const paths = (await host.call(id, 'find', [text, mode])) as readonly string[]
      found.set(
        text,
        paths.map((path) => path.replace(/\.md$/, '')),
      )
    }
    return (text) => found.get(text) ?? []
  }
  return { text: await searchIn('text'), semantic: await searchIn('semantic'), hybrid: await searchIn('hybrid') }
}
