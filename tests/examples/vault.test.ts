// The sample vault holds together: its links lead somewhere, except for those that are meant to lead nowhere yet.

import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { repository } from '../support/cli.ts'

const folder = join(repository, 'examples/vault')

const meantToBeMissing = ['Captain Brisk', 'Fog of war', 'Harmonic constants', 'Save format', 'The Undertow']

interface Note {
  readonly path: string
  readonly text: string
  readonly fields: { readonly tags?: readonly string[]; readonly aliases?: readonly string[] }
}

const readNotes = async (): Promise<Note[]> => {
  const paths = (await readdir(folder, { recursive: true })).filter((path) => path.endsWith('.md')).toSorted()
  return Promise.all(
    paths.map(async (path) => {
      const text = await readFile(join(folder, path), 'utf8')
      const [, front = ''] = /^---\n(.*?)\n---\n/s.exec(text) ?? []
      return { path, text, fields: parse(front) as Note['fields'] }
    }),
  )
}

const fold = (text: string): string => text.toLowerCase()

/** By every name under which a note may be linked: parts of its path from the end, and its aliases. */
const byName = (notes: readonly Note[]): Map<string, Note[]> => {
  const names = new Map<string, Note[]>()
  const add = (name: string, note: Note): void => void names.set(fold(name), [...(names.get(fold(name)) ?? []), note])
  for (const note of notes) {
    const parts = note.path.replace(/\.md$/, '').split('/')
    for (const index of parts.keys()) add(parts.slice(index).join('/'), note)
    for (const alias of note.fields.aliases ?? []) add(alias, note)
  }
  return names
}

const linksOf = ({ text }: Note): { target: string; anchor: string }[] =>
  [...text.replace(/```.*?```/gs, '').matchAll(/\[\[([^\]|#]*)(#[^\]|]*)?(?:\|[^\]]*)?\]\]/g)].map(
    ([, target = '', anchor = '']) => ({ target, anchor }),
  )

test('is a vault of some size, and every note has a title and tags', async () => {
  const notes = await readNotes()
  expect(notes.length).toBeGreaterThanOrEqual(60)
  for (const { path, text, fields } of notes) {
    expect(text, path).toMatch(/^# \S/m)
    expect(fields.tags, path).not.toHaveLength(0)
  }
})

test('its links lead to notes, headings and blocks that are there, and each to one note only', async () => {
  const notes = await readNotes()
  const names = byName(notes)
  const missing = new Set<string>()
  const linked = new Set<string>()
  for (const note of notes) {
    for (const { target, anchor } of linksOf(note)) {
      const found = target === '' ? [note] : (names.get(fold(target)) ?? [])
      if (found.length === 0) missing.add(target)
      expect(found.length, `${note.path}: [[${target}]]`).toBeLessThanOrEqual(1)
      for (const { path, text } of found) {
        linked.add(path)
        if (anchor.startsWith('#^')) expect(text, `${note.path} → ${target}${anchor}`).toContain(` ${anchor.slice(1)}`)
        else if (anchor !== '') expect(text).toMatch(new RegExp(`^#+ ${anchor.slice(1)}$`, 'm'))
      }
    }
  }
  expect([...missing].toSorted()).toEqual(meantToBeMissing)
  const alone = notes.map(({ path }) => path).filter((path) => !linked.has(path))
  expect(alone).toEqual([
    'Research/Log/2026-03 reading log.md',
    'Research/Log/2026-04 reading log.md',
    'Research/Papers/Cooley and Tukey 1965.md',
    'Welcome.md',
  ])
})
