import { expect, test } from 'vitest'
import { openExample } from './open-example.ts'

interface Parsed {
  readonly citations: readonly { readonly key: string; readonly line: number }[]
  readonly entries: readonly Record<string, unknown>[]
}

test('finds citations where they are meant, one or several in brackets', async () => {
  await using parser = await openExample('citation-parser.lua')
  const text = [
    'As said [@lovelace1843], and by others [see @thomson1881, p. 3; @darwin:1898].',
    'Not here: `[@code2000]`, ada@example.com, [a link](x.md), \\[@ nothing].',
    '```',
    '[@fenced2001]',
    '```',
    'Last [@end1999].',
  ].join('\n')
  const { citations } = await parser.call<Parsed>('parse', { text })
  expect(citations).toEqual([
    { key: 'lovelace1843', line: 1 },
    { key: 'thomson1881', line: 1 },
    { key: 'darwin:1898', line: 1 },
    { key: 'end1999', line: 6 },
  ])
})

test('reads BibTeX with nested braces, quotes and bare numbers, and APA lines', async () => {
  await using parser = await openExample('citation-parser.lua')
  const text = [
    '```bibtex',
    '@Article{a1, author = "Knuth, Donald E.", title = {The {\\TeX}book, and {more}}, year = 1984,',
    '  journal = {J}}',
    '',
    '@book{b2,',
    '  title = {Two',
    '           lines},',
    '  author = {Noether, Emmy and Artin, Emil}',
    '}',
    '```',
    '- Woodworth, P. L. (2020). Tide machines. *History, 11*, 15–29.',
    'Prose that names (2020) a year.',
  ].join('\n')
  const { entries } = await parser.call<Parsed>('parse', { text })
  expect(entries).toEqual([
    expect.objectContaining({ key: 'a1', type: 'article', authors: 'Knuth, Donald E.', year: '1984', line: 2 }),
    expect.objectContaining({ key: 'b2', title: 'Two lines', authors: 'Noether, Emmy and Artin, Emil', line: 5 }),
    expect.objectContaining({ key: 'woodworth2020', form: 'apa', title: 'Tide machines', year: '2020', line: 11 }),
  ])
})

test('text that is broken or made to take long is read to its end', async () => {
  await using parser = await openExample('citation-parser.lua')
  const texts = [
    `\`\`\`bibtex\n${'@article{x, title = {'.repeat(2000)}`,
    '[@'.repeat(50_000),
    `[${'@a;'.repeat(50_000)}]`,
    '`'.repeat(100_000),
    `- ${'A'.repeat(50_000)}, B. (2020`,
    '',
  ]
  for (const text of texts) await expect(parser.call('parse', { text })).resolves.toBeTypeOf('object')
})

test('holds the citations of the vault against its entries', async () => {
  await using parser = await openExample('citation-parser.lua', { grants: ['notes.read:Research/*'] })
  expect(await parser.call('check', { folder: 'Research' })).toMatchObject({
    missing: [
      { key: 'carlsson1996', notes: ['Research/Questions/Who computed.md'] },
      { key: 'ferrel1883', notes: ['Research/Concepts/Tide-predicting machine.md'] },
    ],
    apa_only: [{ key: 'woodworth2020', note: 'Research/Bibliography.md' }],
    unused: ['babbage1864'],
    twice: [],
  })
  const references = await parser.call<string[]>('references', {})
  expect(references).toHaveLength(7)
  expect(references[5]).toBe('Parker, B. (2011). The Tide Predictions for D-Day. *Physics Today, 64*(9), 35–40.')
})
