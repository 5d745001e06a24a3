// Search by words, by meaning, or by both at once.

import type { Answers, Hit, NoteFilter, Range } from '../wire.ts'
import type { IndexDatabase } from './database.ts'
import { conditionOf } from './filter.ts'
import { searchText } from './text-search.ts'
import type { VectorTable } from './vector-table.ts'

/** What of each list counts when two are merged. */
const mergedDepth = 200
/** Cormack, Clarke and Büttcher: Reciprocal Rank Fusion (SIGIR 2009). */
const fusionConstant = 60

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
    const byWords = text === undefined ? [] : searchText(this.#database, text, { filter, count: depth })
    const byMeaning = vector === undefined ? [] : this.#near(vector, filter, depth)
    const hits = text === undefined ? byMeaning : vector === undefined ? byWords : fuse(byWords, byMeaning)
    return { hits: hits.slice(range.offset, most), pending: this.pending }
  }

  /** Notes whose vectors are not made yet. */
  get pending(): number {
    if (this.#vectors === undefined) return 0
    return Number(this.#database.get('SELECT count(*) AS n FROM note WHERE embedded = 0')?.['n'])
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

const fuse = (...lists: readonly (readonly Hit[])[]): Hit[] => {
  const fused = new Map<string, { score: number; at: number | null }>()
  for (const list of lists) {
    for (const [rank, { path, at }] of list.entries()) {
      const known = fused.get(path)
      const score = 1 / (fusionConstant + rank + 1)
      if (known === undefined) fused.set(path, { score, at })
      else known.score += score
    }
  }
  return [...fused]
    .map(([path, hit]) => ({ path, ...hit }))
    .sort((a, b) => b.score - a.score || (a.path < b.path ? -1 : 1))
}
