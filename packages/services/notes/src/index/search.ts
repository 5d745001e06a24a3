// Search by words, by meaning, or by both at once.

import type { Answers, Hit, NoteFilter, Range } from '../wire.ts'
import type { IndexDatabase } from './database.ts'
import { conditionOf } from './filter.ts'
import { type Found, searchText } from './text-search.ts'
import type { VectorTable } from './vector-table.ts'

/** What of each list counts when two are merged. */
const mergedDepth = 200
/**
 * How both lists are joined: reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009). With the constant of the paper,
 * 60, and equal weights, any note that has some words of the query in it comes before one that is only about the same. A note with all words
 * counts as much as one that is near, or a name that has no vector would not be found among what is near to nothing. Chosen on the dev half of the judged set (docs/explanation/semantic-search.md).
 */
const fusion = { constant: 5, someWords: 1, allWords: 4, meaning: 4 } as const

const nothing: Found = { hits: [], complete: 0 }

/** What is searched for. */
export interface Sought {
  readonly text: string | undefined
  readonly vector: Float32Array | undefined
  readonly filter: NoteFilter
  readonly range: Range
}

/** See the file's head. */
export class NoteSearch {
  readonly #database: IndexDatabase
  readonly #vectors: VectorTable | undefined

  constructor(database: IndexDatabase, vectors: VectorTable | undefined) {
    this.#database = database
    this.#vectors = vectors
  }

  search({ text, vector, filter, range }: Sought): Answers['search'] {
    const most = range.offset + range.count
    const depth = text !== undefined && vector !== undefined ? Math.max(mergedDepth, most) : most
    const byWords = text === undefined ? nothing : searchText(this.#database, text, { filter, count: depth })
    const byMeaning = vector === undefined ? [] : this.#near(vector, filter, depth)
    const hits = text === undefined ? byMeaning : vector === undefined ? byWords.hits : fuse(byWords, byMeaning)
    return { hits: hits.slice(range.offset, most), isPending: this.#isPending }
  }

  /** Paths of the notes whose vectors are not made yet. */
  pending(): Answers['paths'] {
    if (this.#vectors === undefined) return []
    return this.#database.all('SELECT path FROM note WHERE embedded = 0').map(({ path }) => String(path))
  }

  get #isPending(): boolean {
    return (
      this.#vectors !== undefined && this.#database.get('SELECT 1 FROM note WHERE embedded = 0 LIMIT 1') !== undefined
    )
  }

  /** Notes about the same as this one; null when it is not there. */
  similar(path: string, filter: NoteFilter, count: number): Answers['similar'] {
    const row = this.#database.get('SELECT id FROM note WHERE path = ?', path)
    if (row === undefined || this.#vectors === undefined) return null
    this.#vectors.refresh()
    const mean = this.#vectors.meanOf(Number(row['id']))
    if (mean === undefined) return []
    return this.#near(mean, filter, count + 1)
      .filter((hit) => hit.path !== path)
      .slice(0, count)
  }

  #near(vector: Float32Array, filter: NoteFilter, count: number): Hit[] {
    const vectors = this.#vectors
    if (vectors === undefined) return []
    vectors.refresh()
    const { sql, values } = conditionOf(filter)
    const isFree = values.length === 0
    const fitting = isFree
      ? new Set<number>()
      : new Set(this.#database.all(`SELECT id FROM note WHERE ${sql}`, ...values).map(({ id }) => Number(id)))
    return vectors
      .nearest(vector, count, (note) => isFree || fitting.has(note))
      .flatMap(({ note, score, at }) => {
        const row = this.#database.get('SELECT path FROM note WHERE id = ?', note)
        return row === undefined ? [] : [{ path: String(row['path']), score, at }]
      })
  }
}

const fuse = ({ hits, complete }: Found, byMeaning: readonly Hit[]): Hit[] => {
  const fused = new Map<string, { score: number; at: number | null }>()
  const add = (list: readonly Hit[], weightAt: (rank: number) => number): void => {
    for (const [rank, { path, at }] of list.entries()) {
      const known = fused.get(path)
      const score = weightAt(rank) / (fusion.constant + rank + 1)
      if (known === undefined) fused.set(path, { score, at })
      else known.score += score
    }
  }
  add(hits, (rank) => (rank < complete ? fusion.allWords : fusion.someWords))
  add(byMeaning, () => fusion.meaning)
  return [...fused]
    .map(([path, hit]) => ({ path, ...hit }))
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
}
