// The judged set is whole, and search by meaning finds on it what it is said to find. Nothing here depends on time or
// machine, so figures may be asserted; the floors lie a little below what was measured.

import { openWordVectors } from '@bulkhead/word-vectors'
import { afterAll, describe, expect, test } from 'vitest'
import { judge, type Selection } from '../bench/semantic/judge.ts'
import { kinds, readLabelledSet } from '../bench/semantic/labelled-set.ts'
import { fuse, makeMeaningSearch, openFullText } from '../bench/semantic/searches.ts'

const { notes, queries } = readLabelledSet()

describe('the labelled set', () => {
  test('has enough notes of a fitting length', () => {
    expect(notes.length).toBeGreaterThanOrEqual(150)
    for (const { id, title, text } of notes) {
      expect(title, id).not.toBe('')
      const words = text.split(/\s+/).length
      expect(words, id).toBeGreaterThanOrEqual(38)
      expect(words, id).toBeLessThanOrEqual(150)
    }
    expect(new Set(notes.map(({ text }) => text)).size).toBe(notes.length)
  })

  test('has enough queries, each once, and all their notes', () => {
    const ids = new Set(notes.map(({ id }) => id))
    expect(queries.flatMap((query) => query.notes).length).toBeGreaterThanOrEqual(200)
    expect(new Set(queries.map(({ text }) => text.toLowerCase())).size).toBe(queries.length)
    for (const query of queries) {
      expect(new Set(query.notes).size).toBe(query.notes.length)
      for (const note of query.notes) expect(ids).toContain(note)
    }
    // Most are in other words than the note's.
    expect(queries.filter(({ kind }) => kind === 'literal').length).toBeLessThan(queries.length / 5)
  })

  test('has its halves apart: no first note has queries in both', () => {
    const halves = new Map(queries.map((query) => [query.notes[0], query.half]))
    for (const query of queries) expect(halves.get(query.notes[0])).toBe(query.half)
    for (const kind of kinds)
      for (const half of ['dev', 'test'])
        expect(queries.filter((query) => query.kind === kind && query.half === half).length).toBeGreaterThanOrEqual(15)
  })
})

test('a ranking is judged by what of the right notes is early in it', () => {
  const query = { kind: 'literal', half: 'dev', text: 'q', notes: ['a', 'b'] } as const
  const judged = (ranking: readonly string[]) => judge([query], () => ranking)
  expect(judged(['a', 'x', 'b'])).toEqual({ recallAt5: 1, reciprocalRank: 1, queries: 1 })
  expect(judged(['x', 'b', 'x', 'x', 'x', 'a'])).toEqual({ recallAt5: 0.5, reciprocalRank: 0.5, queries: 1 })
  expect(judged([])).toEqual({ recallAt5: 0, reciprocalRank: 0, queries: 1 })
  expect(judge([query], () => ['a'], { half: 'test' }).queries).toBe(0)
})

describe('on the half that nothing was chosen by', () => {
  const fullText = openFullText(notes)
  const meaning = makeMeaningSearch(notes, openWordVectors())
  const both = fuse(fullText.search, meaning)
  afterAll(() => fullText[Symbol.dispose]())
  const recall = (search: typeof both, selection: Selection = {}): number =>
    judge(queries, search, { half: 'test', ...selection }).recallAt5

  test('both ways together find more than twice of what words alone find', () => {
    expect(recall(both)).toBeGreaterThan(0.75)
    expect(recall(both)).toBeGreaterThan(2 * recall(fullText.search))
  })

  test.each(['paraphrase', 'question', 'keywords'] as const)('and so for the kind %s by itself', (kind) => {
    expect(recall(both, { kind })).toBeGreaterThan(0.65)
    expect(recall(both, { kind })).toBeGreaterThan(2 * recall(fullText.search, { kind }))
  })

  test('and what words alone find is not lost', () => {
    expect(recall(fullText.search, { kind: 'literal' })).toBe(1)
    expect(recall(both, { kind: 'literal' })).toBe(1)
  })
})
