import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openWordVectors, similarity } from './index.ts'
import { tableFacts, tableFile } from './table-node.ts'

const vectors = openWordVectors()
const embed = (text: string): Float32Array => vectors.embed([text])[0] ?? new Float32Array()
const lengthOf = (vector: Float32Array): number => Math.sqrt(similarity(vector, vector))

describe('a text', () => {
  test('has a vector of unit length, alone or among others', () => {
    const texts = ['A loaf of bread.', 'The committee met on Tuesday', 'Straße, naïve café']
    for (const [index, vector] of vectors.embed(texts).entries()) {
      expect(vector).toHaveLength(vectors.dimensions)
      expect(lengthOf(vector)).toBeCloseTo(1, 5)
      expect(vector).toEqual(embed(texts[index] ?? ''))
    }
  })

  test('is the same whatever its case, accents and punctuation', () => {
    expect(embed('CRÈME brûlée!')).toEqual(embed('creme, brulee'))
    expect(embed('“well‐known” facts—and more…')).toEqual(embed('well known facts and more'))
  })

  test('of words that say nothing, or that the table does not know, is like nothing', () => {
    for (const text of ['', ' \n', 'the of and', '…—!', 'собака', '犬が好き', '\u{1f600}']) {
      expect(lengthOf(embed(text)), text).toBe(0)
      expect(vectors.similarity(text, 'dog')).toBe(0)
      expect(vectors.nearestWords(text, 5)).toEqual([])
    }
  })

  test('is closer to one about the same than to one about something else', () => {
    const triples = [
      ['my head hurts badly', 'a migraine attack', 'planting potatoes in spring'],
      ['the ship sank in the storm', 'sailors drowned at sea', 'a recipe for tomato soup'],
      ['the program crashes on startup', 'software bug', 'a knight and his horse'],
      ['how to bake bread', 'kneading dough for a loaf', 'quarterly financial report'],
    ] as const
    for (const [text, near, far] of triples)
      expect(vectors.similarity(text, near)).toBeGreaterThan(vectors.similarity(text, far) + 0.15)
  })
})

describe('hostile texts', () => {
  test('never give anything but a finite vector of length one or nought', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        const length = lengthOf(embed(text))
        expect(Math.abs(length - (length < 0.5 ? 0 : 1))).toBeLessThan(1e-4)
      }),
    )
  })

  test('are looked at up to a bound, and words beyond the length of a word are left out', () => {
    const filler = 'potato '.repeat(3000)
    expect(embed(`${filler} dragon`)).toEqual(embed(filler))
    expect(embed(`dragon ${'a'.repeat(10_000)}`)).toEqual(embed('dragon'))
  })

  test('cannot make an unknown word mean what its pieces mean', () => {
    expect(lengthOf(embed('dragonд'))).toBe(0)
    expect(embed('dragon д')).toEqual(embed('dragon'))
  })
})

test('words near another are words of the table, closest first, without the word itself', () => {
  const near = vectors.nearestWords('piano', 12)
  expect(near).toHaveLength(12)
  expect(near.map(({ word }) => word)).toEqual(expect.arrayContaining(['pianist']) as string[])
  expect(near.map(({ word }) => word)).not.toContain('piano')
  expect(near.map((entry) => entry.similarity)).toEqual(near.map((entry) => entry.similarity).sort((a, b) => b - a))
  expect(vectors.nearestWords('piano', 100_000)).toHaveLength(100)
  expect(vectors.nearestWords('piano', -1)).toEqual([])
})

test('vectors of different length are not compared', () => {
  expect(() => similarity(new Float32Array(2), new Float32Array(3))).toThrow(RangeError)
})

test('the id and the provenance name the table that is there', () => {
  const hash = createHash('sha256').update(readFileSync(tableFile)).digest('hex')
  expect(hash.slice(0, 8)).toBe(tableFacts.hash)
  expect(vectors.id).toBe(`bulkhead-words-${tableFacts.hash}`)
  expect(readFileSync(new URL('../PROVENANCE.md', import.meta.url), 'utf8')).toContain(hash)
})
