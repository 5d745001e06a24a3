import { expect, test } from 'vitest'
import { extractFrontmatter } from './frontmatter.ts'
import { manifestForLoneFile, nameOfFile } from './lone-file.ts'
import type { Language } from './manifest.ts'

const body = 'permissions:\n  network: [api.example.com]'
const spellings: [name: string, file: string, script: string, line: number][] = [
  ['a block comment', 'w.ts', `/* ---\n${body}\n--- */\nexport {}`, 3],
  ['a doc comment with a gutter', 'w.js', `/** ---\n * permissions:\n *   network: [api.example.com]\n * --- */\n`, 3],
  ['line comments', 'w.js', `// ---\n// permissions:\n//   network: [api.example.com]\n// ---\n`, 3],
  [
    'line comments after a #! line',
    'w.mjs',
    `#!/usr/bin/env x\n\n// @ts-check\n// ---\n// permissions:\n//   network: [api.example.com]\n// ---\n`,
    6,
  ],
  ['Lua, block', 'w.lua', `--[[ ---\n${body}\n--- ]]\nreturn 1`, 3],
  ['Lua, lines', 'w.lua', `-- ---\n-- permissions:\n--   network: [api.example.com]\n-- ---\n`, 3],
  ['Lua, long lines', 'w.lua', `--- ---\n--- permissions:\n---   network: [api.example.com]\n--- ---\n`, 3],
  ['Lua below a ruled line', 'w.lua', `------\n-- ---\n-- permissions:\n--   network: [api.example.com]\n-- ---`, 4],
  ['Rune', 'w.rune', `// ---\n// permissions:\n//   network: [api.example.com]\n// ---\npub fn main() {}`, 3],
  ['Windows line ends', 'w.ts', `/* ---\r\n${body.replaceAll('\n', '\r\n')}\r\n--- */\r\n`, 3],
]

test.each(spellings)('frontmatter in %s', async (_name, file, script) => {
  const { manifest, faults } = await manifestForLoneFile(file, script)
  expect(faults).toEqual([])
  expect(manifest).toMatchObject({
    name: 'w',
    version: '0.0.0',
    type: 'tool',
    execution: { tier: 'script', entry: file },
    asks: [{ capability: 'network:api.example.com' }],
  })
})

test.each(spellings)(
  'a fault in the frontmatter of %s is at the line of the script',
  async (_name, file, script, line) => {
    const { faults } = await manifestForLoneFile(file, script.replace('network', 'netwrok'))
    expect(faults).toMatchObject([{ file, line, field: 'permissions.netwrok', mend: 'Did you mean network?' }])
  },
)

test('frontmatter may name the plugin and its entry stays the script', async () => {
  const script = '/* ---\nname: weather\nversion: 2.1.0\ntype: hook\n--- */'
  const { manifest } = await manifestForLoneFile('/srv/x/My Plugin.ts', script)
  expect(manifest).toMatchObject({
    name: 'weather',
    version: '2.1.0',
    type: 'hook',
    execution: { entry: 'My Plugin.ts' },
  })
})

test('without frontmatter the plugin asks for nothing', async () => {
  for (const script of [
    '',
    'export {}',
    '// a comment\nexport {}',
    '/* --- not yaml --- */',
    'const x = 1\n// ---\n// name: y\n// ---',
    undefined,
  ]) {
    expect((await manifestForLoneFile('w.ts', script)).manifest).toMatchObject({ name: 'w', asks: [], denies: [] })
  }
  expect((await manifestForLoneFile('dist/plugin.wasm')).manifest).toMatchObject({
    execution: { tier: 'wasm', entry: 'plugin.wasm' },
  })
})

test('frontmatter without an end is a fault, not a plugin without limits', async () => {
  expect((await manifestForLoneFile('w.ts', '/* ---\nname: w\nexport const x = {')).manifest).toBeUndefined()
  expect(extractFrontmatter('--[[ ---\nname: w', 'lua')).toMatchObject({ text: 'name: w', line: 2 })
})

test('a string that looks like frontmatter further down is none', async () => {
  const script = 'const s = `\n/* ---\nname: evil\n--- */`'
  for (const language of ['javascript', 'typescript', 'rune', 'lua'] satisfies Language[]) {
    expect(extractFrontmatter(script, language)).toBeUndefined()
  }
})

test('a name is made of any file name', async () => {
  expect(nameOfFile('/x/My Tool.ts')).toBe('my-tool')
  expect(nameOfFile('C:\\x\\Größe 1.js')).toBe('gr-e-1')
  expect(nameOfFile('....js')).toBe('plugin')
  expect(nameOfFile(`${'x'.repeat(100)}.js`)).toHaveLength(64)
})
