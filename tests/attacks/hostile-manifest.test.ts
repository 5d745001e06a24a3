// A manifest is made to exhaust, crash or fool its reader before anybody has decided to trust the plugin.

import { type ManifestFormat, manifestForLoneFile, parseManifest } from '@bulkhead/kernel'
import { expect, test } from 'vitest'

const parse = (text: string, format: ManifestFormat = 'yaml') =>
  parseManifest({ file: `plugin.${format}`, text, format })
const messages = async (text: string, format?: ManifestFormat) =>
  (await parse(text, format)).faults.map((fault) => fault.message)
const head = 'name: a\nversion: 1.0.0\ntype: tool\n'

const bombs: [string, string, ManifestFormat][] = [
  ['flow lists in YAML', `config: ${'['.repeat(100_000)}`, 'yaml'],
  ['flow tables in YAML', `config: ${'{a: '.repeat(50_000)}`, 'yaml'],
  ['block lists in YAML', `config:\n${'- '.repeat(100_000)}x`, 'yaml'],
  ['explicit keys in YAML', `${'? '.repeat(100_000)}x`, 'yaml'],
  ['indentation in YAML', Array.from({ length: 500 }, (_, n) => `${' '.repeat(n)}a:`).join('\n'), 'yaml'],
  ['lists in TOML', `config = ${'['.repeat(100_000)}`, 'toml'],
  ['inline tables in TOML', `config = ${'{a='.repeat(60_000)}`, 'toml'],
  ['dotted keys in TOML', `${Array.from({ length: 100_000 }, () => 'a').join('.')} = 1`, 'toml'],
  ['a dotted table in TOML', `[${Array.from({ length: 100_000 }, () => 'a').join('.')}]`, 'toml'],
  ['lists in JSON', '['.repeat(200_000), 'json'],
  ['tables in JSON', '{"a":'.repeat(50_000), 'json'],
]

test.each(bombs)('nesting by %s is refused', async (_how, text, format) => {
  const { manifest, faults } = await parse(text, format)
  expect(manifest).toBeUndefined()
  expect(faults.length).toBeGreaterThan(0)
  expect(faults.length).toBeLessThanOrEqual(100)
})

test.each<ManifestFormat>(['yaml', 'toml', 'json'])(
  'more than 256 KiB of %s is refused before it is read',
  async (format) => {
    expect(await messages(`# ${'x'.repeat(256 * 1024)}`, format)).toEqual(['is larger than 256 KiB'])
    expect(await messages(`# ${'é'.repeat(130 * 1024)}`, format)).toEqual(['is larger than 256 KiB'])
  },
)

test('a text at the size cap in every awkward shape is read or refused', async () => {
  const size = 255 * 1024
  for (const unit of [
    'a: ',
    '- ',
    '"',
    "'",
    '\n',
    ' ',
    ':',
    '#',
    'a: 1\n',
    '? a\n',
    '|\n ',
    '\t',
    '%',
    '---\n',
    '!',
    '\\',
    '[],',
    '[a]\n',
    '"""',
    'a=[',
    'a="\n',
  ]) {
    for (const format of ['yaml', 'toml', 'json'] as const) {
      expect((await parse(unit.repeat(Math.floor(size / unit.length)), format)).manifest).toBeUndefined()
    }
  }
})

test.each([
  ['an anchor', `${head}keywords: &k [x]\n`, 4],
  ['an alias', `${head}keywords: *k\n`, 4],
  ['a tag', `${head}keywords: !!set {x}\n`, 4],
  ['a custom tag', `${head}description: !js/function x\n`, 4],
  ['a directive', `%YAML 1.1\n---\n${head}`, 1],
  ['a merge key', `${head}<<: {license: MIT}\n`, 4],
  ['more than one document', `${head}---\n${head}`, 4],
])('%s is refused at its line', async (what, text, line) => {
  const { manifest, faults } = await parse(text)
  expect(manifest).toBeUndefined()
  expect(faults).toContainEqual(
    expect.objectContaining({ line, message: expect.stringContaining(what.replace('custom ', '')) }),
  )
})

test('so many fields, asks or patterns that checking them would take long are refused', async () => {
  const many = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join('')
  const cases: [string, string][] = [
    [`${head}config:\n${many(20_000, (n) => ` a${n}: 1\n`)}`, 'more fields'],
    [
      `${head}capabilities:\n${many(900, (n) => `- a${n}.*\n`)}deny_capabilities:\n${many(900, (n) => `- "*.b${n}"\n`)}`,
      'one too many',
    ],
    [`${head}actions:\n${many(700, (n) => ` a${n}: {input: {pattern: "x{900}${n}"}}\n`)}`, '300 patterns'],
  ]
  for (const [text, why] of cases) {
    const { manifest, faults } = await parse(text)
    expect(manifest).toBeUndefined()
    expect(faults).toContainEqual(expect.objectContaining({ message: expect.stringContaining(why) }))
  }
})

test('a billion laughs are not laughed', async () => {
  const lines = [
    'a: &a [x, x]',
    ...'bcdefghij'.split('').map((name, index) => {
      const before = 'abcdefghij'.charAt(index)
      return `${name}: &${name} [*${before}, *${before}]`
    }),
  ]
  expect((await parse(lines.join('\n'))).faults.length).toBeGreaterThan(9)
})

test.each<[ManifestFormat, string]>([
  ['yaml', `${head}capabilities: []\ncapabilities: ["*"]\n`],
  ['yaml', `${head}"capabilities": []\ncapabilities: ["*"]\n`],
  ['json', '{"name":"a","version":"1.0.0","type":"tool","capabilities":[],"capabilities":["*"]}'],
  ['json', '{"name":"a","version":"1.0.0","type":"tool","capabilities":[],"c\\u0061pabilities":["*"]}'],
  ['toml', 'name="a"\nversion="1.0.0"\ntype="tool"\ncapabilities=[]\ncapabilities=["*"]\n'],
])('a key that stands twice is refused in %s', async (format, text) => {
  expect((await parse(text, format)).manifest).toBeUndefined()
})

const prototypes: [ManifestFormat, string][] = [
  ['yaml', `${head}__proto__: { polluted: true }\nactions: { __proto__: { risk: write } }\n`],
  [
    'json',
    '{"name":"a","version":"1.0.0","type":"tool","__proto__":{"polluted":true},"config":{"a":{"__proto__":{}}}}',
  ],
  ['toml', 'name="a"\nversion="1.0.0"\ntype="tool"\n[__proto__]\npolluted=true\n'],
  ['toml', 'name="a"\nversion="1.0.0"\ntype="tool"\n[actions.__proto__]\nrisk="write"\n'],
]

test.each(prototypes)('__proto__ is refused in %s and pollutes nothing', async (format, text) => {
  const { manifest, faults } = await parse(text, format)
  expect(manifest).toBeUndefined()
  expect(faults.every((fault) => fault.field.includes('__proto__'))).toBe(true)
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
})

test('actions and dependencies know only the names that were written', async () => {
  const { manifest } = await parse(`${head}actions: { constructor: {}, toString: {} }\n`)
  expect(Object.keys(manifest?.actions ?? {})).toEqual(['constructor', 'toString'])
  for (const bare of [(await parse(head)).manifest, (await manifestForLoneFile('a.wasm')).manifest]) {
    expect(bare?.actions['constructor']).toBeUndefined()
    expect(bare?.dependencies['valueOf']).toBeUndefined()
  }
})

test('JSON is strict: what is only nearly JSON is refused', async () => {
  for (const text of [
    '{"name":"a",}',
    "{'name':'a'}",
    '{"a":1}x',
    '{"a":01}',
    '{"a":.5}',
    '{"a":NaN}',
    '// x\n{}',
    '{"a":"\t"}',
    '{"a":"\\x"}',
    '{"a" 1}',
    '[1 2]',
    '',
    '\u00a0{}',
  ]) {
    expect((await parse(text, 'json')).manifest).toBeUndefined()
  }
})

test('words of older YAML are text: no is no country turned to false', async () => {
  const { faults } = await parse(`${head}lifecycle: { hot_reload: yes }\n`)
  expect(faults).toMatchObject([{ field: 'lifecycle.hot_reload', line: 4, message: 'is text, not true or false' }])
  expect((await parse(`${head}license: no\nauthor: 2026-01-01\n`)).manifest).toMatchObject({
    license: 'no',
    author: '2026-01-01',
  })
})
