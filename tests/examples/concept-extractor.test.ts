import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openExample, openExampleFolder } from './open-example.ts'

interface Linked {
  readonly written: boolean
  readonly notes: readonly { readonly note: string; readonly links: number; readonly diff: readonly string[] }[]
}

test('finds names without a note, those that tell most first', async () => {
  await using extractor = await openExample('concept-extractor.lua', { grants: ['notes.read'] })
  const found = await extractor.call<{ name: string; notes: string[]; score: number }[]>('missing', {})
  expect(found[0]).toMatchObject({ name: 'Liverpool Tidal Institute', notes: expect.any(Array) })
  expect(found.map(({ name }) => name)).toContain('Mother Sallow')
  // Those that have a note, under their name or another, are no candidates.
  for (const known of ['Saltmere', 'Mirelle', 'Alderman Oake', 'Kelvin 1881']) {
    expect(found.map(({ name }) => name)).not.toContain(known)
  }
  expect(found.map(({ score }) => score)).toEqual(found.map(({ score }) => score).toSorted((a, b) => b - a))
})

test('a dry run changes nothing; a write changes what the dry run said', async () => {
  await using extractor = await openExample('concept-extractor.lua', { grants: ['notes.read', 'notes.write'] })
  const path = 'Research/Log/2026-03 reading log.md'
  const before = await extractor.read(path)
  const dry = await extractor.call<Linked>('link', { folder: 'Research/Log' })
  expect(dry).toMatchObject({ written: false, notes: [{ note: path, links: 1 }, { links: 1 }] })
  expect(await extractor.read(path)).toBe(before)
  const wet = await extractor.call<Linked>('link', { folder: 'Research/Log', write: true })
  expect(wet).toEqual({ ...dry, written: true })
  expect(await extractor.read(path)).toBe(before.replace('Darwin 1898 on', '[[Darwin 1898]] on'))
  expect(await extractor.call('link', { folder: 'Research/Log' })).toEqual({ written: false, notes: [] })
})

test('leaves code, links, headings, frontmatter and parts of words alone, and prefers the longer name', async () => {
  await using folder = await openExampleFolder()
  const lines = [
    '---\nabout: Gannet Rock\n---',
    '# Gannet Rock again',
    '`Gannet Rock` [Gannet Rock](Welcome.md) [[Welcome|Gannet Rock]] xGannet Rock Gannet Rocks',
    '```\nGannet Rock\n```',
    'Oake House stands. So does Oake. And Gannet Rock, Gannet Rock.',
  ]
  await writeFile(join(folder.path, 'vault/Slackwater/Odd.md'), `${lines.join('\n')}\n`)
  await using extractor = await openExample('concept-extractor.lua', {
    grants: ['notes.read', 'notes.write'],
    folder: folder.path,
  })
  await extractor.call('link', { folder: 'Slackwater', write: true })
  const text = await extractor.read('Slackwater/Odd.md')
  const ending = '[[Oake House]] stands. So does [[Alderman Oake|Oake]]. And [[Gannet Rock]], Gannet Rock.\n'
  expect(text).toBe(`${lines.slice(0, -1).join('\n')}\n${ending}`)
})

test('writes nothing with a grant for reading alone', async () => {
  await using extractor = await openExample('concept-extractor.lua', { grants: ['notes.read'] })
  await expect(extractor.call('link', { folder: 'Research/Log', write: true })).rejects.toMatchObject({
    code: 'capability.denied',
  })
})
