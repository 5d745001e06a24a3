// Says how good a ranking is, against what was labelled. Pure arithmetic.

import type { Half, Kind, LabelledQuery } from './labelled-set.ts'

/** Ids of notes, best first. */
export type Ranking = readonly string[]

/** Means over queries, 0 to 1. */
export interface Quality {
  /** The share of the right notes that are among the first five. */
  readonly recallAt5: number
  /** One over the place of the first right note, 0 past the 20th: the mean reciprocal rank (Voorhees 1999). */
  readonly reciprocalRank: number
  readonly queries: number
}

/** Which queries count. */
export interface Selection {
  readonly half?: Half
  readonly kind?: Kind
}

const deepest = 20

const recallOf = (right: readonly string[], ranking: Ranking): number => {
  const first = ranking.slice(0, 5)
  return right.filter((note) => first.includes(note)).length / right.length
}

const reciprocalRankOf = (right: readonly string[], ranking: Ranking): number => {
  const place = ranking.slice(0, deepest).findIndex((note) => right.includes(note))
  return place < 0 ? 0 : 1 / (place + 1)
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length

/** Judges what `search` finds for each of the chosen queries. */
export const judge = (
  queries: readonly LabelledQuery[],
  search: (text: string) => Ranking,
  { half, kind }: Selection = {},
): Quality => {
  const chosen = queries.filter(
    (query) => (half === undefined || query.half === half) && (kind === undefined || query.kind === kind),
  )
  const found = chosen.map(({ text, notes }) => ({ notes, ranking: search(text) }))
  return {
    recallAt5: mean(found.map(({ notes, ranking }) => recallOf(notes, ranking))),
    reciprocalRank: mean(found.map(({ notes, ranking }) => reciprocalRankOf(notes, ranking))),
    queries: chosen.length,
  }
}
