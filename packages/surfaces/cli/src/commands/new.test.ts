import { expect, test } from 'vitest'
import { runWith } from '../fakes.ts'
import { templates } from '../templates/index.ts'
import { templateLanguages } from '../templates/template.ts'

test('a folder: manifest, entry and a page with a call to try', async () => {
  const { exitCode, out, err, created } = await runWith(['new', 'dice', '--language', 'lua'])
  expect(exitCode).toBe(0)
  expect(out).toBe('dice/plugin.yaml\ndice/main.lua\ndice/README.md\n')
  expect(err).toContain(`bulkhead run ./dice greet --input '{"name":"Ada"}'`)
  expect(created.get('/work-folder/dice/plugin.yaml')).toContain('language: lua\n  entry: main.lua\n')
  expect(created.get('/work-folder/dice/README.md')).toContain('bulkhead validate ./dice')
})

test('one file: the manifest stands on top', async () => {
  const { created, json } = await runWith([
    'new',
    'a_b',
    '-l',
    'rune',
    '--single-file',
    '--template',
    'state',
    '--json',
  ])
  expect(json()).toMatchObject({ ok: true, created: { path: 'a_b.rn', files: ['a_b.rn'], language: 'rune' } })
  expect([...created.keys()]).toEqual(['/work-folder/a_b.rn'])
  expect(created.get('/work-folder/a_b.rn')).toMatch(/^\/\/ ---\n\/\/ name: a_b\n[^]*\/\/ {3}storage: true\n\/\/ ---\n/)
})

test('nothing is written over', async () => {
  const files = { '/work-folder/dice': { bytes: '' }, '/work-folder/dice.js': { bytes: '' } }
  for (const more of [[], ['--single-file']]) {
    const result = await runWith(['new', 'dice', '-l', 'javascript', ...more], { io: { files } })
    expect(result.exitCode).toBe(2)
    expect(result.err).toContain('is there already')
    expect(result.created.size).toBe(0)
  }
})

test.each(['../dice', 'Dice', 'a/b', '', 'a\u001b[2J', '-x'])('%j is no name', async (name) => {
  const result = await runWith(['new', '--language', 'lua', '--', name])
  expect(result.exitCode).toBe(2)
  expect(result.created.size).toBe(0)
  expect(result.err).not.toContain('\u001b')
})

test('the language is asked for where somebody can answer', async () => {
  const asked = await runWith(['new', 'dice'], { io: { tty: true, answers: ['cobol', ' Lua '] } })
  expect(asked.questions).toHaveLength(2)
  expect([...asked.created.keys()]).toContain('/work-folder/dice/main.lua')
  const silent = await runWith(['new', 'dice'])
  expect(silent).toMatchObject({ exitCode: 2, questions: [] })
  expect(silent.err).toContain('--language')
})

test('every template is written in every language, with examples', () => {
  for (const { sources, examples } of Object.values(templates)) {
    expect(Object.keys(sources)).toEqual(templateLanguages)
    for (const { action } of examples) {
      for (const source of Object.values(sources)) expect(source).toContain(action)
    }
  }
})
