// The ways of searching that are compared: by words alone, by meaning alone, and by both. Each knows the notes and no labels.

import { DatabaseSync } from 'node:sqlite'
import { similarity, type WordVectors } from '@bulkhead/word-vectors'
import type { Ranking } from './judge.ts'
import type { LabelledNote } from './labelled-set.ts'

/** Finds notes for a query. */
export type Search = (text: string) => Ranking

/** What of a list counts. */
const depth = 50

/**
 * Words that say nothing of what is sought. Left out of the search by words, which is the better for it: notes are terse,
 * so that a "how" or "my" of the query would be a rare word and count for much.
 */
const silent = new Set(
  (
    'a an and are as at be been but by can could did do does done for from had has have he her here him his how i if in into ' +
    'is it its me my no not of on or our she should so some such than that the their them then there these they this to too ' +
    'up us was we were what when where which who whom whose why will with would you your'
  ).split(' '),
)

const wordsOf = (text: string): readonly string[] => {
  const words = text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []
  const telling = words.filter((word) => !silent.has(word))
  return telling.length > 0 ? telling : words
}

/** Full text as SQLite does it: BM25, word stems by Porter, any of the words, the title counting more. */
export const openFullText = (notes: readonly LabelledNote[]): Disposable & { readonly search: Search } => {
  const database = new DatabaseSync(':memory:')
  database.exec(`CREATE VIRTUAL TABLE note USING fts5(title, body, tokenize="porter unicode61 remove_diacritics 2")`)
  const insert = database.prepare('INSERT INTO note (rowid, title, body) VALUES (?, ?, ?)')
  for (const [row, { title, text }] of notes.entries()) insert.run(row, title, text)
  const query = database.prepare(
    `SELECT rowid FROM note WHERE note MATCH ? ORDER BY bm25(note, 4.0, 1.0), rowid LIMIT ${depth}`,
  )
  return {
    search: (text) => {
      const words = wordsOf(text)
      if (words.length === 0) return []
      const rows = query.all(words.map((word) => `"${word}"`).join(' OR '))
      return rows.flatMap(({ rowid }) => notes[Number(rowid)]?.id ?? [])
    },
    [Symbol.dispose]: () => database.close(),
  }
}

/** By the angle between the vectors of query and note. */
export const makeMeaningSearch = (notes: readonly LabelledNote[], vectors: WordVectors): Search => {
  const embedded = vectors.embed(notes.map(({ title, text }) => `${title}\n${text}`))
  return (text) => {
    const [sought = new Float32Array(vectors.dimensions)] = vectors.embed([text])
    return embedded
      .map((vector, index) => ({ id: notes[index]?.id ?? '', score: similarity(sought, vector) }))
      .sort((one, other) => other.score - one.score)
      .slice(0, depth)
      .map(({ id }) => id)
  }
}

/** How two rankings are joined. */
export interface Fusion {
  /** What a place in the ranking by meaning counts, against 1 for one by words. */
  readonly meaning: number
  /** The greater, the less the first places stand out. */
  readonly constant: number
}

/** Chosen on the dev half. */
export const chosenFusion: Fusion = { meaning: 4, constant: 5 }

/** Reciprocal rank fusion (Cormack, Clarke and Büttcher 2009) of both, weighted. */
export const fuse =
  (words: Search, meaning: Search, { meaning: weight, constant }: Fusion = chosenFusion): Search =>
  (text) => {
    const scores = new Map<string, number>()
    const count = (ranking: Ranking, each: number): void => {
      for (const [place, note] of ranking.entries())
        scores.set(note, (scores.get(note) ?? 0) + each / (constant + place + 1))
    }
    count(meaning(text), weight)
    count(words(text), 1)
    return [...scores].sort(([, one], [, other]) => other - one).map(([note]) => note)
  }
