// A plugin that may read one folder tries to learn of the others through every function that gives more than one note.

import { expect, test } from 'vitest'
import { makeHashingEmbedder } from '../support/hashing-embedder.ts'
import { openTestVault, until } from '../support/vault.ts'

const files = {
  'Open/Home.md': '# Home\n\nTo [[Diary]] and [[Friend]], not [[Nobody]]. #shared\n',
  'Open/Friend.md': '# Friend\n\nBack to [[Home]]. zanzibar #shared\n',
  'Closed/Diary.md':
    '---\naliases: [My secret]\n---\n# Diary\n\nzanzibar [[Home]] [[Friend]] [[Ghost]] #shared #private\n',
  'Closed/Deep/More.md': 'zanzibar [[Diary]]\n',
}

const questions: readonly (readonly [string, unknown])[] = [
  ['notes.list', {}],
  ['notes.list', { recursive: false }],
  ['notes.list', { folder: 'Closed' }],
  ['notes.list', { tag: 'private' }],
  ['notes.search', { query: 'zanzibar' }],
  ['notes.search', { query: 'zanzibar', mode: 'semantic' }],
  ['notes.search', { query: 'zanzibar', mode: 'hybrid', folder: 'Closed' }],
  ['notes.search', { query: 'private' }],
  ['notes.backlinks', { path: 'Open/Home' }],
  ['notes.unresolved', {}],
  ['notes.tags', {}],
  ['notes.graph', {}],
  ['notes.resolve', { link: 'My secret' }],
  ['notes.resolve', { link: 'Diary', from: 'Open/Home' }],
  ['notes.status', {}],
  ...(['bfs', 'dfs', 'semantic'] as const).map(
    (strategy) => ['notes.traverse', { start: 'Open/Home', strategy, depth: 5 }] as const,
  ),
]

test('what may not be read shows in no answer, and a link to it looks like a link to nothing', async () => {
  await using vault = await openTestVault(files, { embedder: makeHashingEmbedder() })
  const all = vault.door()
  await until(async () => (await all.call('notes.status', {}))['pending'] === 0)
  const { call, refused } = vault.door(['notes.read:Open/**', 'notes.write:Open/**'])
  for (const [name, input] of questions) {
    const answer = JSON.stringify(await call(name, input))
    // Home links to Diary, and may say so: the name stands in a text that may be read. Where it leads does not show.
    const said = answer.replaceAll(/\[\[Diary\]\]|"link":"Diary"/g, '')
    for (const word of ['Closed', 'Diary', 'More', 'private', 'Ghost', 'secret']) expect(said, name).not.toContain(word)
  }
  expect(
    (await call<{ links: { path: string | null }[] }>('notes.forward_links', { path: 'Open/Home' })).links.map(
      ({ path }) => path,
    ),
  ).toEqual([null, 'Open/Friend.md', null])
  expect(await call('notes.unresolved', {})).toMatchObject({ links: [{ link: 'Diary' }, { link: 'Nobody' }] })
  expect(await call('notes.graph', {})).toEqual({
    nodes: ['Open/Friend.md', 'Open/Home.md'],
    edges: [
      [0, 1],
      [1, 0],
    ],
  })
  expect(await call('notes.tags', {})).toEqual({ tags: [{ tag: 'shared', count: 2 }] })
  for (const name of ['read', 'backlinks', 'forward_links']) {
    expect((await refused(`notes.${name}`, { path: 'Closed/Diary' })).code).toBe('capability.denied')
  }
})

test.each(questions)('%s %j tells of it whoever may read it', async (name, input) => {
  await using vault = await openTestVault(files, { embedder: makeHashingEmbedder() })
  const { call } = vault.door(['notes.read'])
  await until(async () => (await call('notes.status', {}))['pending'] === 0)
  const answer = JSON.stringify(await call(name, input))
  const tells =
    name === 'notes.status'
      ? /"notes":4/
      : name === 'notes.unresolved'
        ? /Ghost/
        : name === 'notes.tags'
          ? /private/
          : /Closed/
  expect(answer).toMatch(tells)
})

test('a folder that a plugin denies itself is left out as well, whatever the case of its letters', async () => {
  await using vault = await openTestVault(files)
  const { call } = vault.door(['notes.read'], { denies: ['notes.read:closed/**'] })
  expect((await call<{ nodes: string[] }>('notes.graph', {})).nodes).toEqual(['Open/Friend.md', 'Open/Home.md'])
})

test('a rename that would have to write where the plugin may not is refused whole, without a name that it may not know', async () => {
  await using vault = await openTestVault(files)
  const { refused, call, decisions } = vault.door(['notes.read:Open/**', 'notes.write:Open/**'])
  const error = await refused('notes.rename', { from: 'Open/Friend', to: 'Open/Fellow' })
  expect(error).toMatchObject({ code: 'capability.denied' })
  expect(JSON.stringify(error)).not.toMatch(/Closed|Diary/)
  // The operator's record names it.
  expect(decisions).toContain('denied notes.write:Closed/Diary.md')
  expect(await vault.text('Closed/Diary.md')).toBe(files['Closed/Diary.md'])
  expect(await vault.text('Open/Home.md')).toBe(files['Open/Home.md'])
  await call('notes.rename', { from: 'Open/Friend', to: 'Open/Fellow', links: 'keep' })
  expect(await vault.text('Open/Fellow.md')).toBe(files['Open/Friend.md'])
})

test('a diff shows nothing to a plugin that may write and not read', async () => {
  await using vault = await openTestVault(files)
  const { call, refused } = vault.door(['notes.write'])
  for (const input of [{ dryRun: true }, { diff: true }]) {
    const error = await refused('notes.write', { path: 'Closed/Diary', content: 'x', ...input })
    expect(error.code).toBe('capability.denied')
  }
  expect((await refused('notes.edit', { path: 'Closed/Diary', find: 'zanzibar', replace: 'x' })).code).toBe(
    'capability.denied',
  )
  expect(await call('notes.append', { path: 'Closed/Diary', content: 'more' })).not.toHaveProperty('diff')
})
