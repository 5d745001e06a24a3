// `bulkhead validate` reads sources in every language, and runs none of them.

import { expect, test } from 'vitest'
import { bulkhead } from '../support/cli.ts'
import { openWorkspace } from '../support/workspace.ts'

const validate = async (files: Readonly<Record<string, string>>, path: string) => {
  await using workspace = await openWorkspace()
  for (const [name, text] of Object.entries(files)) await workspace.write(name, text)
  return await bulkhead(['validate', `./${path}`, '--json'], { ...workspace, cwd: workspace.path })
}

const manifest = (language: string, entry: string): string =>
  `manifest: 1\nname: mine\nversion: 1.0.0\ntype: tool\nexecution: { tier: script, language: ${language}, entry: ${entry} }\n`

// Run, each would never end, or would fail.
test.each([
  ['a.js', 'for (;;) {}\n/** @param {string} text what */\nexport const f = (text) => text'],
  ['a.ts', "throw new Error('ran')\nexport function f(text: string): string { return text }"],
  ['a.lua', 'while true do end\n---@param input string\nfunction f(input) return input end'],
  ['b.lua', 'error("ran")\n---@param input string\nfunction f(input) return input end'],
  ['a.rn', '/// @param input string\npub fn f(input) { loop {} }'],
])('%s is not run', { timeout: 60_000 }, async (name, text) => {
  const result = await validate({ [name]: text }, name)
  expect(result.code, result.out.toString()).toBe(0)
  expect(result.json()).toMatchObject({
    ok: true,
    diagnostics: [],
    plugins: [{ ok: true, actions: { f: { input: { type: 'string' } } } }],
  })
})

test.each([
  ['a.js', 'export const f = ) 1\n', 1, true],
  ['end.js', 'export const f = (\n', 2, false],
  ['a.ts', '\nexport const f: = 1', 2, true],
  ['a.lua', 'local x = 1\nlocal y = = 2\n', 2, false],
  ['a.rune', 'pub fn f(a) {\n  let x = ;\n}\n', 2, true],
])('%s: a fault of syntax has its line, and exit code 3', { timeout: 60_000 }, async (name, text, line, column) => {
  const result = await validate({ [name]: text }, name)
  expect(result.code).toBe(3)
  expect(result.json()).toMatchObject({
    ok: false,
    error: { code: 'artifact.compile' },
    diagnostics: [{ severity: 'error', file: name, line, ...(column ? { column: expect.any(Number) } : {}) }],
  })
})

test('faults of several files are told at once, with the source lines', { timeout: 60_000 }, async () => {
  const typescript = await validate(
    {
      'p/plugin.yaml': manifest('typescript', 'main.ts'),
      'p/main.ts': "import { a } from './a.ts'\nimport fs from 'node:fs'\nexport const f = () => [a, fs]",
      'p/a.ts': 'export const a = ;',
    },
    'p',
  )
  const { diagnostics } = typescript.json() as unknown as {
    diagnostics: { file: string; line: number; frame: string }[]
  }
  expect(diagnostics.map(({ file, line }) => `${file}:${line}`).toSorted()).toEqual(['a.ts:1', 'main.ts:2'])
  for (const { frame } of diagnostics) expect(frame).toMatch(/^\d \| .*\n +\| +\^$/)
  const lua = await validate(
    { 'p/plugin.yaml': manifest('lua', 'main.lua'), 'p/main.lua': 'local = 1', 'p/other.lua': 'if then' },
    'p',
  )
  expect(lua.json()).toMatchObject({
    diagnostics: [{ file: 'main.lua' }, { file: 'other.lua', frame: '1 | if then\n  |    ^' }],
  })
})

test('annotations that are not understood are warnings', { timeout: 60_000 }, async () => {
  const result = await validate({ 'a.lua': '---@param a {b:\nfunction f(a) end' }, 'a.lua')
  expect(result.code, result.out.toString()).toBe(0)
  expect(result.json()).toMatchObject({
    ok: true,
    diagnostics: [{ severity: 'warning', file: 'a.lua', line: 1, message: expect.stringContaining('cannot be read') }],
  })
})
