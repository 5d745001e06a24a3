// Search by words: ranked notes, and what of them to show. It shows all that there is: who may see what is decided by the host.

import type { Answers, Hit, NoteFilter } from '../wire.ts'
import type { IndexDatabase } from './database.ts'
import { conditionOf } from './filter.ts'
import { foldPlain, plainWords, readQuery } from './search-words.ts'

/** How much a word counts in title, headings and aliases, tags, and text. */
const weights = '8.0, 4.0, 4.0, 1.0'

/** What is found by words. */
export interface Found {
  readonly hits: readonly Hit[]
  /** How many of the hits, the first ones, have all words of the query in them. */
  readonly complete: number
}

/** The best notes for a query: first those with all words in them, then those with any; best first. */
export const searchText = (
  database: IndexDatabase,
  query: string,
  { filter, count }: { readonly filter: NoteFilter; readonly count: number },
): Found => {
  const { sql, values } = conditionOf(filter)
  const find = (words: string): Hit[] =>
    database
      .all(
        `SELECT note.path, found.score FROM
           (SELECT rowid, bm25(text, ${weights}) AS score FROM text WHERE text MATCH ? ORDER BY score) AS found
         JOIN note ON note.id = found.rowid WHERE ${sql} ORDER BY found.score LIMIT ?`,
        ...[words, ...values, count],
      )
      .map(({ path, score }) => ({ path: String(path), score: -Number(score), at: null }))
  const { all, any } = readQuery(query)
  if (all === undefined) return { hits: [], complete: 0 }
  const hits = find(all)
  if (hits.length >= count || any === undefined) return { hits, complete: hits.length }
  const known = new Set(hits.map(({ path }) => path))
  const further = find(any).filter(({ path }) => !known.has(path))
  // Fewer words never come before all of them.
  const least = hits.at(-1)?.score ?? Infinity
  const lesser = further.map((hit) => ({ ...hit, score: Math.min(hit.score, least) }))
  return { hits: [...hits, ...lesser].slice(0, count), complete: hits.length }
}

const excerptLength = 240
/** Text of one note that is searched for a place to show, in characters. */
const mostSearched = 200_000

/** The part of a text that shows best why it was found: the line with the most words of the query, or the passage at `at`. */
export const makeExcerpt = (
  text: string,
  query: string,
  { at, bodyStart }: { readonly at: number | null; readonly bodyStart: number },
): Pick<Answers['excerpts'][number], 'snippet' | 'line'> => {
  const words = plainWords(query)
  let best = { found: 0, start: at ?? bodyStart, from: 0 }
  if (at === null) {
    const end = Math.min(text.length, bodyStart + mostSearched)
    for (let start = bodyStart; start < end; ) {
      const stop = lineEnd(text, start, end)
      const line = foldPlain(text.slice(start, stop))
      const places = words.map((word) => line.indexOf(word)).filter((place) => place !== -1)
      if (places.length > best.found) best = { found: places.length, start, from: Math.min(...places) }
      if (best.found === words.length) break
      start = stop + 1
    }
  }
  const begin = best.start + Math.max(0, best.from - 60)
  const snippet = text
    .slice(begin, begin + excerptLength)
    .trim()
    .replace(/\s+/g, ' ')
    .toWellFormed()
  return { snippet, line: lineAt(text, best.start) }
}

/** Number of the line at an offset, from 1. */
const lineAt = (text: string, offset: number): number => {
  let line = 1
  for (let next = text.indexOf('\n'); next !== -1 && next < offset; next = text.indexOf('\n', next + 1)) line++
  return line
}

const lineEnd = (text: string, start: number, end: number): number => {
  const found = text.indexOf('\n', start)
  // A gigantic line is looked at in pieces.
  return Math.min(found === -1 ? end : found, end, start + 20_000)
}
