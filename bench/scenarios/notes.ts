// A vault of 10,000 notes with 50,000 links, asked by a JavaScript plugin: indexed as a whole, opened again, changed by another
// program, and searched. Every figure is that of a whole call: plugin, gate, audit, the vault's thread, and back.

import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type Host, openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { median, sampleInTurns, medians, timeOf } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { type BenchFolder, openBenchFolder } from '../plugins/folder.ts'
import { sized } from '../quick.ts'
import { notePathAt, writeVault, wordAt } from '../vaults/generated-vault.ts'

const sampling = { warmUp: 30, samples: 300, budgetMs: 12_000, blockSize: 20 }
const changes = 25

interface Asker extends AsyncDisposable {
  ask(action: string, ...given: readonly unknown[]): Promise<unknown>
}

const openAsker = async (folder: BenchFolder, vault: string, plugin: string): Promise<Asker> => {
  const host: Host = await openHost({
    home: folder.home,
    notes: { folder: vault },
    policy: { boundary: 'thread', grants: { notes: ['notes.*'] } },
  })
  const { id } = await host.loadPlugin(plugin)
  const ask = (action: string, ...given: readonly unknown[]): Promise<unknown> => host.call(id, action, given)
  // So that the plugin is there before anybody asks for notes.
  await ask('nothing')
  return { ask, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() }
}

/** Until search by meaning knows every note. */
const waitForVectors = async ({ ask }: Asker): Promise<void> => {
  while ((await ask('pending')) !== 0) await new Promise((resolve) => setTimeout(resolve, 20))
}

const measureChanges = async ({ ask }: Asker, vault: string, notes: number): Promise<number> => {
  const taken: number[] = []
  for (let index = 0; index < sized(changes, 3); index++) {
    const word = `unheard${index}of`
    const startedAt = performance.now()
    await appendFile(join(vault, `${notePathAt((index * 41) % notes)}.md`), `\n${word}\n`)
    while ((await ask('search', word)) === 0);
    taken.push(performance.now() - startedAt)
  }
  return median(taken)
}

const measureQueries = async ({ ask }: Asker, notes: number) => {
  let turn = 0
  const words = (): string => `${wordAt(turn % 40)} ${wordAt((turn++ * 13) % 900)}`
  // By itself: in turns with searches it would show what these leave in the caches of the machine.
  const quick = await sampleInTurns(
    { backlinks: () => ask('backlinks', notePathAt((turn++ * 37) % notes)) },
    { ...sampling, warmUp: 1000, warmUpMs: 3000 },
  )
  const taken = await sampleInTurns(
    {
      text: () => ask('search', words()),
      semantic: () => ask('search', words(), 'semantic'),
      hybrid: () => ask('search', words(), 'hybrid'),
    },
    sampling,
  )
  return { ...medians(quick), ...medians(taken) }
}

/** See the file's head. */
export const measureNotes = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  const size = { notes: sized(10_000, 100), links: sized(50_000, 500) }
  const vault = join(folder.plugins, '..', 'vault')
  await mkdir(vault)
  await writeVault(vault, size)
  const plugin = await folder.write({ name: 'notes', kind: 'JavaScript', source: 'notes', keepsState: true })
  const figures: Record<string, number> = {}
  {
    await using asker = await openAsker(folder, vault, plugin)
    figures['index'] = await timeOf(async () => {
      if ((await asker.ask('count')) !== size.notes) throw new Error('not every note is in the index')
    })
    figures['vectors'] = await timeOf(() => waitForVectors(asker))
    Object.assign(figures, await measureQueries(asker, size.notes))
    figures['change'] = await measureChanges(asker, vault, size.notes)
    figures['graph'] = await timeOf(() => asker.ask('graph'))
  }
  const reopened: number[] = []
  for (let round = 0; round < sized(3, 1); round++) {
    await using asker = await openAsker(folder, vault, plugin)
    reopened.push(await timeOf(() => asker.ask('backlinks', notePathAt(7))))
  }
  const of = (name: string): { readonly ours: number } => ({ ours: figures[name] ?? Number.NaN })
  return [
    ...judge(goals.notesIndex, of('index')),
    ...judge(goals.notesReopened, { ours: median(reopened) }),
    ...judge(goals.notesChange, of('change')),
    ...judge(goals.notesBacklinks, of('backlinks')),
    ...judge(goals.notesText, of('text')),
    ...judge(goals.notesSemantic, of('semantic')),
    ...compare({ name: 'search by words and meaning, 10,000 notes, p50', unit: 'ms', ...of('hybrid') }),
    ...compare({ name: 'whole graph of 10,000 notes, to the plugin', unit: 'ms', ...of('graph') }),
    ...compare({ name: 'vectors of 10,000 notes after the index', unit: 'ms', ...of('vectors') }),
  ]
}
