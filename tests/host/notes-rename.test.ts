// A rename leaves every link leading where it led, whatever the notes are called and wherever they lie.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openTestVault, type TestVault } from '../support/vault.ts'

interface Link {
  readonly path: string | null
  readonly link: string
  readonly alias: string | null
  readonly embed: boolean
}

const linksOf = async ({ door }: TestVault, path: string): Promise<Link[]> =>
  (await door().call<{ links: Link[] }>('notes.forward_links', { path })).links

test('links of every spelling are rewritten, with their anchors and aliases, and nothing else is', async () => {
  const before = [
    '[[Plan]] [[Work/Plan#Part|the plan]] ![[plan#^b1]] [x](Work/Plan.md) [x](<Work/Plan.md#Part>) [r]',
    '`[[Plan]]` <!-- [[Plan]] --> [[Planet]] [[The old plan]]',
    '[r]: Work/Plan.md',
  ].join('\n\n')
  await using vault = await openTestVault({
    'Home.md': before,
    'Work/Plan.md': '---\naliases: [The old plan]\n---\n# Part\n\n[back](../Home.md) [[Side]] text ^b1\n',
    'Work/Side.md': '---\nup: "[[Plan]]"\n---\n',
    'Planet.md': '',
  })
  const { call } = vault.door()
  const dry = await call<{ changed: { path: string; diff: string }[] }>('notes.rename', {
    from: 'Work/Plan',
    to: 'Archive/2026/Great plan',
    dryRun: true,
  })
  expect(dry.changed.map(({ path }) => path).sort()).toEqual(['Archive/2026/Great plan.md', 'Home.md', 'Work/Side.md'])
  expect(dry.changed.find(({ path }) => path === 'Home.md')?.diff).toContain('+[[Great plan]] ')
  expect(await vault.text('Home.md')).toBe(before)
  await call('notes.rename', { from: 'Work/Plan', to: 'Archive/2026/Great plan' })
  expect(await vault.text('Home.md')).toBe(
    [
      '[[Great plan]] [[Great plan#Part|the plan]] ![[Great plan#^b1]] [x](Archive/2026/Great%20plan.md) [x](<Archive/2026/Great plan.md#Part>) [r]',
      '`[[Plan]]` <!-- [[Plan]] --> [[Planet]] [[The old plan]]',
      '[r]: Archive/2026/Great%20plan.md',
    ].join('\n\n'),
  )
  expect(await vault.text('Work/Side.md')).toBe('---\nup: "[[Great plan]]"\n---\n')
  expect(await vault.text('Archive/2026/Great plan.md')).toContain('[back](../../Home.md) [[Side]] text ^b1')
})

test('a new name that other notes have makes the links unmistakable, theirs as well', async () => {
  await using vault = await openTestVault({
    'A/Index.md': '',
    'B/Other.md': '',
    'Home.md': '[[Index]] [[Other]]\n',
    'C/Deep/Far.md': '[[Index]]\n',
  })
  await vault.door().call('notes.rename', { from: 'B/Other', to: 'Index' })
  expect((await linksOf(vault, 'Home')).map(({ path }) => path)).toEqual(['A/Index.md', 'Index.md'])
  expect((await linksOf(vault, 'C/Deep/Far')).map(({ path }) => path)).toEqual(['A/Index.md'])
  expect(await vault.text('C/Deep/Far.md')).toBe('[[A/Index]]\n')
})

test('nothing is overwritten, and a note that changed meanwhile is not moved', async () => {
  await using vault = await openTestVault({ 'A.md': 'a', 'B.md': 'b' })
  const { call, refused } = vault.door()
  expect(await refused('notes.rename', { from: 'A', to: 'B' })).toMatchObject({ code: 'notes.conflict' })
  const { version } = await call<{ version: string }>('notes.read', { path: 'A' })
  await vault.put({ 'A.md': 'changed' })
  const error = await refused('notes.rename', { from: 'A', to: 'C', ifVersion: version })
  expect(error).toMatchObject({ code: 'notes.conflict', details: { version: expect.any(String) } })
  expect((await refused('notes.rename', { from: 'X', to: 'C' })).code).toBe('notes.not-found')
  expect([await vault.text('A.md'), await vault.text('B.md')]).toEqual(['changed', 'b'])
})

const name = fc.constantFrom('Note', 'note', 'Plan', 'Plan b', 'Index', 'Über')
const folder = fc.constantFrom('', 'A/', 'B/', 'A/Deep/', 'Ä ö/')
const path = fc.tuple(folder, name).map((parts) => `${parts.join('')}.md`)
const spelling = fc.constantFrom(
  (target: string) => `[[${target.slice(target.lastIndexOf('/') + 1)}]]`,
  (target: string) => `[[${target}|shown]]`,
  (target: string) => `![[${target}#Part]]`,
  (target: string) => `[x](${encodeURI(target)}.md)`,
  (target: string) => `[x](</${target}.md>)`,
)

test('whatever is renamed, every link leads to the note that it led to', async () => {
  await using vault = await openTestVault()
  let round = 0
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(path, { minLength: 2, maxLength: 7 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(), spelling), { maxLength: 14 }),
      fc.nat(),
      path,
      async (paths, links, which, to) => {
        // Each round has a folder of its own in one vault; links by name alone must not lead into another's.
        const mark = `R${++round}`
        const marked = (each: string): string => `${mark}/${each.replace(/([^/]+)\.md$/, `${mark} $1.md`)}`
        const all = paths.map(marked)
        const target = marked(to)
        if (all.some((each) => each.toLowerCase() === target.toLowerCase())) return
        const texts = all.map((_, index) =>
          links
            .filter(([from]) => from % all.length === index)
            .map(([, at, spell]) => spell((all[at % all.length] ?? '').slice(0, -3)))
            .join(' '),
        )
        const { call } = vault.door()
        for (const [index, each] of all.entries()) await call('notes.create', { path: each, content: texts[index] })
        const before = new Map<string, Link[]>()
        for (const each of all) before.set(each, await linksOf(vault, each))
        const from = all[which % all.length] ?? ''
        await call('notes.rename', { from, to: target })
        const renamed = (each: string | null): string | null => (each === from ? target : each)
        for (const each of all) {
          const after = await linksOf(vault, renamed(each) ?? '')
          const expected = before.get(each) ?? []
          expect(after.map((link) => link.path)).toEqual(expected.map((link) => renamed(link.path)))
          expect(after.map(({ alias, embed }) => [alias, embed])).toEqual(
            expected.map(({ alias, embed }) => [alias, embed]),
          )
          expect(after.map(({ link }) => link.split('#')[1])).toEqual(expected.map(({ link }) => link.split('#')[1]))
        }
      },
    ),
    { numRuns: 60 },
  )
})
