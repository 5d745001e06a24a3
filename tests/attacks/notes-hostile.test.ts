// Notes that are written to exhaust whoever reads them: links by the million, gigantic lines, frontmatter that explodes, names that a
// thousand notes have. They are taken in as far as it makes sense, what is left out is told, and the rest of the vault works.

import { expect, test } from 'vitest'
import { openTestVault } from '../support/vault.ts'

const bomb = [
  'a: &a [x,x,x,x,x,x,x,x,x]',
  ...'bcdefghi'.split('').map((key, index) => `${key}: &${key} [${`*${'abcdefgh'[index]},`.repeat(9)}]`),
].join('\n')

const hostile: Readonly<Record<string, string>> = {
  'Links.md': '[[Good]] '.repeat(900_000),
  'Line.md': `# ${'x'.repeat(9_000_000)}`,
  'Brackets.md': '[['.repeat(4_000_000),
  'Ticks.md': Array.from({ length: 4000 }, (_, index) => '`'.repeat(index)).join(' '),
  'Bomb.md': `---\n${bomb}\n---\n[[Good]]`,
  'Deep.md': `---\n${'['.repeat(30_000)}\n---\n`,
  'Keys.md': `---\n${Array.from({ length: 6000 }, (_, index) => `k${index}: v`).join('\n')}\n---\n`,
  'Aliases.md': `---\naliases: [${Array.from({ length: 5000 }, (_, index) => `a${index}`).join(', ')}]\n---\n`,
  'Tags.md': Array.from({ length: 100_000 }, (_, index) => `#t${index}`).join(' '),
  'Proto.md': '---\n__proto__: { polluted: yes }\nconstructor: 1\n---\n',
}

test('hostile notes are told of, bounded, and do not spoil the others', async () => {
  await using vault = await openTestVault({ ...hostile, 'Good.md': 'marmalade [[Other]]', 'Other.md': '' })
  const { call } = vault.door(undefined, { limits: { hostCallMs: 120_000 } })
  // A note can be read while the index is made.
  const order: string[] = []
  await Promise.all([
    call('notes.search', { query: 'marmalade' }).then((answer) => {
      order.push('search')
      expect(answer).toMatchObject({ hits: [{ path: 'Good.md' }] })
    }),
    call('notes.read', { path: 'Good' }).then(() => order.push('read')),
  ])
  expect(order).toEqual(['read', 'search'])
  const { faults } = await call<{ faults: { path: string; reason: string }[] }>('notes.status', {})
  const told = new Map(faults.map(({ path, reason }) => [path, reason]))
  expect([...told.keys()]).toEqual(['Bomb.md', 'Brackets.md', 'Deep.md', 'Keys.md', 'Line.md', 'Links.md', 'Ticks.md'])
  expect(told.get('Links.md')).toContain('10000 links')
  expect(told.get('Ticks.md')).toContain('1048576 characters')
  expect(told.get('Bomb.md')).toContain('anchor')
  const read = async (path: string) => call<{ frontmatter: object | null; tags: string[] }>('notes.read', { path })
  expect((await read('Bomb')).frontmatter).toBeNull()
  expect((await read('Tags')).tags).toHaveLength(500)
  const { frontmatter } = await read('Proto')
  expect(Object.keys(frontmatter ?? {})).toEqual(['constructor'])
  expect(({} as { polluted?: string }).polluted).toBeUndefined()
  const { links, more } = await call<{ links: unknown[]; more: boolean }>('notes.backlinks', {
    path: 'Good',
    limit: 5000,
  })
  expect([links.length, more]).toEqual([5000, true])
  expect((await call<{ nodes: string[] }>('notes.graph', {})).nodes).toHaveLength(12)
})

test('a thousand notes of one name, all linking to it, are resolved and renamed', async () => {
  const files = Object.fromEntries(
    Array.from({ length: 1000 }, (_, index) => [`F${index}/README.md`, `[[README]] [[F${(index + 1) % 1000}/README]]`]),
  )
  await using vault = await openTestVault(files)
  const { call } = vault.door(undefined, { limits: { hostCallMs: 120_000 } })
  const { links } = await call<{ links: { path: string }[] }>('notes.forward_links', { path: 'F7/README' })
  expect(links.map(({ path }) => path)).toEqual(['F7/README.md', 'F8/README.md'])
  const { changed } = await call<{ changed: { path: string }[] }>('notes.rename', { from: 'F8/README', to: 'F8/Other' })
  expect(changed.map(({ path }) => path).sort()).toEqual(['F7/README.md', 'F8/Other.md'])
  expect(await vault.text('F7/README.md')).toBe('[[README]] [[Other]]')
})

test('a plugin that floods the vault does not stand before another', async () => {
  await using vault = await openTestVault(
    Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`N${index}.md`, 'word '.repeat(200)])),
  )
  const flooding = vault.door(undefined, { principal: 'flood' })
  const quiet = vault.door(undefined, { principal: 'quiet' })
  await quiet.call('notes.list', {})
  const order: string[] = []
  const flood = Array.from({ length: 400 }, () =>
    flooding.call('notes.search', { query: 'word' }).then(() => order.push('flood')),
  )
  await quiet.call('notes.read', { path: 'N1' })
  order.push('quiet')
  await Promise.all(flood)
  expect(order.indexOf('quiet')).toBeLessThan(100)
})

test('what is asked for is bounded before the vault sees it', async () => {
  await using vault = await openTestVault({ 'A.md': '' })
  const { refused } = vault.door()
  const inputs: readonly (readonly [string, unknown])[] = [
    ['notes.search', { query: 'x'.repeat(2001) }],
    ['notes.search', { query: 'x', limit: 1001 }],
    ['notes.list', { limit: 1e9 }],
    ['notes.traverse', { start: 'A', depth: 1e9 }],
    ['notes.traverse', { start: 'A', limit: 1e9 }],
    ['notes.read', { path: 'x'.repeat(1001) }],
    ['notes.read', { path: `${'a/'.repeat(40)}x` }],
    ['notes.write', { path: 'A', content: '\ud800' }],
    ['notes.write', { path: '\ud800', content: '' }],
  ]
  for (const [name, input] of inputs) expect((await refused(name, input)).code, name).toBe('input.invalid')
})
