// How well notes are found by words, by meaning and by both, on the judged set; and what the vectors cost. The weights were
// chosen on the other half of the set.

import { openWordVectors } from '@bulkhead/word-vectors'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { timeOf } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'
import { sized } from '../quick.ts'
import { judge as judgeSearch, type Quality, type Selection } from '../semantic/judge.ts'
import { kinds, readLabelledSet } from '../semantic/labelled-set.ts'
import { searchByPlugin } from '../semantic/product.ts'
import { fuse, makeMeaningSearch, openFullText, type Search } from '../semantic/searches.ts'

const passages = 20_000
const words = 100

type Figures = Readonly<{ ours: number; peers: Record<string, number> }>

/** What each way of searching finds. */
const makeJudged = (searches: { readonly words: Search; readonly meaning: Search; readonly both: Search }) => {
  const { queries } = readLabelledSet()
  return (selection: Selection, figure: (quality: Quality) => number): Figures => ({
    ours: figure(judgeSearch(queries, searches.both, selection)),
    peers: {
      [peerNames.fullText]: figure(judgeSearch(queries, searches.words, selection)),
      [peerNames.meaning]: figure(judgeSearch(queries, searches.meaning, selection)),
    },
  })
}

const recall = ({ recallAt5 }: Quality): number => recallAt5 * 100

const makePassages = (): readonly string[] => {
  const all = readLabelledSet().notes.flatMap(({ text }) => text.split(/\s+/))
  const at = (place: number): string => all[place % all.length] ?? ''
  return Array.from({ length: sized(passages, 500) }, (_, index) =>
    Array.from({ length: words }, (_each, word) => at(index * 37 + word)).join(' '),
  )
}

/** See the file's head. */
export const measureSemantic = async (): Promise<readonly Measure[]> => {
  const opened = await timeOf(() => openWordVectors().embed(['a word']))
  const vectors = openWordVectors()
  const { notes } = readLabelledSet()
  using fullText = openFullText(notes)
  const meaning = makeMeaningSearch(notes, vectors)
  const judged = makeJudged({ words: fullText.search, meaning, both: fuse(fullText.search, meaning) })
  const half = 'test'
  const asked = await searchByPlugin(readLabelledSet().queries)
  const product = makeJudged({ words: asked.text, meaning: asked.semantic, both: asked.hybrid })
  const texts = makePassages()
  vectors.embed(texts.slice(0, 500))
  const before = process.cpuUsage()
  vectors.embed(texts)
  const { user, system } = process.cpuUsage(before)
  return [
    ...judge(goals.semanticAll, judged({ half }, recall)),
    ...judge(goals.semanticParaphrase, judged({ half, kind: 'paraphrase' }, recall)),
    ...judge(goals.vectorsOpen, { ours: opened }),
    ...judge(goals.vectorsRate, { ours: texts.length / ((user + system) / 1e6) }),
    ...kinds
      .filter((kind) => kind !== 'paraphrase')
      .flatMap((kind) =>
        compare({
          name: `notes found in the first five, by words and meaning, judged queries: ${kind}`,
          unit: '% found',
          ...judged({ half, kind }, recall),
        }),
      ),
    ...compare({
      name: 'the same, all judged queries, asked by a plugin: notes.search, hybrid',
      unit: '% found',
      ...product({ half }, recall),
    }),
    ...compare({
      name: 'mean reciprocal rank of 100, by words and meaning, all judged queries',
      unit: '% found',
      ...judged({ half }, ({ reciprocalRank }) => reciprocalRank * 100),
    }),
  ]
}
