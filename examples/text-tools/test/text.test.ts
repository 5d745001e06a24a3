import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { outline, slugify } from '../src/outline.ts'
import { stats } from '../src/stats.ts'
import { summarize } from '../src/summarize.ts'
import { sentencesOf, wordsOf } from '../src/words.ts'

const chapter = readFileSync(new URL('../../texts/loomings.txt', import.meta.url), 'utf8')

describe('words and sentences', () => {
  test('apostrophes and hyphens stay inside a word', () => {
    expect(wordsOf("Don't—well-known, d'accord")).toEqual(["don't", 'well-known', "d'accord"])
  })

  test('titles, initials and abbreviations end no sentence', () => {
    expect(sentencesOf('Mr. Smith met J. S. Bach. Did he? Yes!')).toEqual([
      'Mr. Smith met J. S. Bach.',
      'Did he?',
      'Yes!',
    ])
  })

  test('counts a real chapter', () => {
    const { paragraphs, sentences, topWords, words } = stats(chapter, 2)
    expect(paragraphs).toBe(12)
    expect(words).toBeGreaterThan(1_750)
    expect(sentences).toBeGreaterThan(80)
    expect(topWords.map(({ word }) => word)).toEqual(['go', 'sea'])
  })

  test('an empty text has no words and divides by nothing', () => {
    expect(stats('')).toMatchObject({ words: 0, sentences: 0, wordsPerSentence: 0, topWords: [] })
  })
})

describe('summaries', () => {
  test('are sentences of the text, in its order, and no more than asked for', () => {
    const picked = summarize(chapter, 4)
    const order = sentencesOf(chapter)
    expect(picked).toHaveLength(4)
    const places = picked.map((sentence) => order.indexOf(sentence))
    expect(places).not.toContain(-1)
    expect(places).toEqual([...places].sort((a, b) => a - b))
  })

  test('a short text is its own summary', () => {
    expect(summarize('One sentence only.', 3)).toEqual(['One sentence only.'])
  })
})

describe('outlines and slugs', () => {
  test.each([
    ['Crème brûlée!', 'creme-brulee'],
    ["The Whale's Way", 'the-whales-way'],
    ['  ', ''],
    ['Straße & Ærø', 'strasse-aero'],
  ])('%s', (title, slug) => {
    expect(slugify(title)).toBe(slug)
  })

  test('a long title is cut between words', () => {
    expect(slugify('one two three', 8)).toBe('one-two')
  })

  test('headings inside code blocks are code, and repeated ones are told apart', () => {
    const markdown = ['# One', '```', '# not me', '```', '## Two ##', '# One'].join('\n')
    expect(outline(markdown)).toEqual([
      { level: 1, title: 'One', slug: 'one', line: 1 },
      { level: 2, title: 'Two', slug: 'two', line: 5 },
      { level: 1, title: 'One', slug: 'one-2', line: 6 },
    ])
  })
})
