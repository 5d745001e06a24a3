import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readPlainYaml } from './read-plain-yaml.ts'
import { readYaml } from './read-yaml.ts'

const plain = `# A plugin.
manifest: 1
name: weather-2
version: 1.0.0
description: Tells, on request, the weather (of today); see https://example.com/a?b=1
execution:
  tier: script
  entry: dist/index.js
  limits:
    memory: 64MiB
    wall: 30s

capabilities: ['bench.use', "notes.read", messages.send]
permissions:
  network:
    - GET https://api.example.com/v1/*
    - { url: api.example.com, optional: true }
actions:
  # One action.
  echo: { description: Gives back what it gets., input: { type: string, maxLength: 100 }, output: {} }
`

/** Whatever the plain reader takes, the whole parser takes for the same. */
const agree = (text: string): void => {
  const value = readPlainYaml(text)
  if (value === undefined) return
  const full = readYaml(text)
  expect(full.faults).toEqual([])
  expect(value).toStrictEqual(full.value)
}

test('a manifest in plain YAML is read, and for what the whole parser reads', () => {
  expect(readPlainYaml(plain)).toMatchObject({
    manifest: 1,
    version: '1.0.0',
    execution: { limits: { memory: '64MiB' } },
    permissions: { network: ['GET https://api.example.com/v1/*', { url: 'api.example.com', optional: true }] },
    actions: { echo: { input: { maxLength: 100 }, output: {} } },
  })
  agree(plain)
})

test.each([
  ['an anchor', 'a: &x 1\nb: 2\n'],
  ['an alias', 'a: *x\n'],
  ['a tag', 'a: !!str 1\n'],
  ['a tag in a flow collection', 'a: [!x b]\n'],
  ['a merge key', '<<: { a: 1 }\n'],
  ['a directive', '%YAML 1.2\n---\na: 1\n'],
  ['a second document', 'a: 1\n---\nb: 1\n'],
  ['a key that stands twice', 'a: 1\nb: 2\na: 3\n'],
  ['a key that stands twice in a flow collection', 'a: { b: 1, b: 2 }\n'],
  ['a key that is no word', 'true: 1\n'],
  ['a block text', 'a: |\n  b\n'],
  ['a text that goes on', 'a: b\n  c\n'],
  ['a value that goes on in the next line', 'a: [b,\n  c]\n'],
  ['an escape', 'a: "\\x41"\n'],
  ['a number in other notations', 'a: 0x10\n'],
  ['a number with a point', 'a: 1.5\n'],
  ['a tab', 'a:\tb\n'],
  ['a carriage return', 'a: b\r\n'],
  ['other letters', 'a: \u2028\n'],
  ['a list at the root', '- a\n'],
  ['nothing', ''],
  ['what nests deeply', `a: ${'['.repeat(40)}${']'.repeat(40)}\n`],
  ['what is long', `a: 1\n${'# comment\n'.repeat(1000)}`],
])('%s is left to the whole parser', (_what, text) => {
  expect(readPlainYaml(text)).toBeUndefined()
})

test('whatever is made of a manifest by small changes is read as the whole parser reads it', () => {
  const piece = fc.oneof(
    fc.constantFrom(...'\n {}[]:,#-\'"&*!|>%@?~0123456789aeExn._/$+=<()\\\t'),
    fc.constantFrom(
      '\n  ',
      '\n    ',
      ': ',
      ' #',
      '- ',
      ', ',
      '{ ',
      ' }',
      '---',
      '...',
      '<<',
      '1.5',
      '0o7',
      '1e3',
      'null',
    ),
    fc.constantFrom(
      'True',
      'NULL',
      'no',
      '.inf',
      '2026-01-01',
      '1.2.3',
      '5m',
      '- - a',
      'a: b',
      '__proto__',
      "''",
      '""',
    ),
  )
  const change = fc.record({ at: fc.nat(plain.length), drop: fc.nat(3), put: fc.oneof(fc.constant(''), piece) })
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 4 }), (changes) => {
      agree(changes.reduce((text, { at, drop, put }) => text.slice(0, at) + put + text.slice(at + drop), plain))
    }),
    { numRuns: 3000 },
  )
})

test('whatever is made of pieces of YAML is read as the whole parser reads it', () => {
  const word = fc.constantFrom(
    ...['a', 'b', 'key', 'x-y', '$s', 'null', 'True', 'yes', '0', '7', '12', '007', '-1', '1.5', '1.', '1.2.3', '1e3'],
    ...[
      '0x1F',
      '5m',
      '64MiB',
      'a b',
      'a, b',
      "it's",
      'a:b',
      'a: b',
      'a #b',
      'a#b',
      '"q"',
      "'q'",
      "'q''r'",
      '"q" r',
      '~',
    ],
    ...[
      'http://x/y',
      '*',
      '*.x',
      'x.*',
      '- a',
      '{}',
      '[]',
      '',
      '_',
      '/',
      '#',
      '?',
      '? a',
      '(x)',
      '=',
      '<<',
      'a:',
      'a -b',
    ],
  )
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      word,
      fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
      fc
        .array(fc.tuple(word, tie('value')), { maxLength: 3 })
        .map((pairs) => `{ ${pairs.map(([key, of]) => `${key}: ${String(of)}`).join(', ')} }`),
    ),
  }))
  const line = fc
    .tuple(fc.constantFrom(0, 0, 0, 2, 2, 4, 1), fc.constantFrom('', '', '', '- '), fc.option(word), fc.option(value))
    .map(([indent, dash, key, of]) => {
      const head = key === null ? '' : `${key}:${of === null ? '' : ' '}`
      return `${' '.repeat(indent)}${dash}${head}${of === null ? '' : String(of)}`
    })
  fc.assert(
    fc.property(fc.array(line, { maxLength: 8 }), (lines) => agree(lines.join('\n'))),
    { numRuns: 5000 },
  )
})
