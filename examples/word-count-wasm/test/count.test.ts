// The built module on an Extism host that is not ours: it has to run anywhere that Extism plug-ins run.

import { readFileSync } from 'node:fs'
import createPlugin from '@extism/extism'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import '../build.js'

const folder = new URL('..', import.meta.url)
const chapter = readFileSync(new URL('../texts/loomings.txt', folder), 'utf8')

let plugin: Awaited<ReturnType<typeof createPlugin>>
beforeAll(async () => {
  const data = new Uint8Array(readFileSync(new URL('dist/plugin.wasm', folder)))
  plugin = await createPlugin({ wasm: [{ data }] }, { useWasi: false })
})
afterAll(() => plugin.close())

const call = async (name: string, input: string): Promise<Record<string, unknown>> => {
  const output = await plugin.call(name, input)
  return output?.json() as Record<string, unknown>
}

const count = (text: string, top = 10): Promise<Record<string, unknown>> => call('count', JSON.stringify({ text, top }))

describe('count', () => {
  test('agrees with a plain count of a real chapter', async () => {
    const words =
      chapter.toLowerCase().match(/[a-z0-9\u0080-\u1fff\u2080-\uffff]+(?:'[a-z0-9\u0080-\u1fff\u2080-\uffff]+)*/g) ?? []
    const seas = words.filter((word) => word === 'sea').length
    const result = await count(chapter, 1_000)
    expect(result).toMatchObject({ words: words.length, distinctWords: new Set(words).size })
    expect(result.topWords).toContainEqual({ word: 'sea', count: seas })
  })

  test('bytes as they stand give the same', async () => {
    expect(await call('count_bytes', chapter)).toEqual(await count(chapter))
  })

  test('escapes, surrogate pairs and other scripts', async () => {
    const { topWords } = await call(
      'count',
      '{"text":"caf\\u00e9 \\ud83d\\ude00 \\"na\\u00efve\\" \\n\\u0436", "top":9}',
    )
    expect((topWords as { word: string }[]).map(({ word }) => word).sort()).toEqual(['café', 'naïve', 'ж', '😀'].sort())
  })

  test('an empty text', async () => {
    expect(await count('')).toEqual({ words: 0, distinctWords: 0, sentences: 0, lines: 0, topWords: [] })
  })

  test.each([
    [''],
    ['{'],
    ['[]'],
    ['null'],
    ['{"text":1}'],
    ['{"text":"a}'],
    ['{"text":"a\\u12'],
    ['{"text":"a\\'],
    ['{"top":3}'],
    ['{"text":"a","top":-1}'],
    ['{"text":"a","other":1}'],
  ])('%j is refused with a reason', async (input) => {
    await expect(plugin.call('count', input)).rejects.toThrow(/input|field/)
  })
})

describe('readability', () => {
  test('a primer reads more easily than Melville', async () => {
    const primer = await call(
      'readability',
      JSON.stringify({ text: 'See the cat. The cat sat. The cat is on the mat.' }),
    )
    const novel = await call('readability', JSON.stringify({ text: chapter }))
    expect(primer.readingEase).toBeGreaterThan(novel.readingEase as number)
    expect(primer.gradeLevel).toBeLessThan(novel.gradeLevel as number)
  })

  test('a text without words has none', async () => {
    await expect(call('readability', '{"text":" … "}')).rejects.toThrow('no words')
  })
})
