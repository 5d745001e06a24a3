// Notes that a plugin may not read leave traces in what it may see: in figures, in whether there is more, in where a name
// leads. Two vaults that differ in nothing but such notes must answer alike.

import { expect, test } from 'vitest'
import { makeHashingEmbedder } from '../support/hashing-embedder.ts'
import { openTestVault, until } from '../support/vault.ts'

const open = {
  'Open/Home.md': '# Home\n\nzanzibar and a [[lists.pdf]] #shared\n',
  'Open/Other.md': '# Other\n\nfox fox\n',
  'Open/a/b/Deep.md': '---\naliases: [My secret]\n---\ndeep\n',
}
const closed: Record<string, string> = {
  'Zoo/Deep.md': 'zanzibar',
  'Zoo/My secret.md': 'zanzibar',
  'Zoo/lists.pdf.md': 'zanzibar',
}
for (let note = 0; note < 30; note++) closed[`Zoo/${note}.md`] = 'zanzibar zanzibar #shared [[Other]]'

const questions: readonly (readonly [string, unknown])[] = [
  ['notes.search', { query: 'zanzibar' }],
  ['notes.search', { query: 'zanzibar', mode: 'hybrid' }],
  ['notes.search', { query: 'zanzibar', mode: 'semantic' }],
  ['notes.list', { tag: 'shared', limit: 1 }],
  ['notes.list', { limit: 3 }],
  ['notes.unresolved', {}],
  ['notes.resolve', { link: 'Deep' }],
  ['notes.resolve', { link: 'My secret' }],
]

test('answers are the same, whether there are notes that may not be read or not', async () => {
  const embedder = makeHashingEmbedder()
  await using alone = await openTestVault(open, { embedder })
  await using beside = await openTestVault({ ...open, ...closed }, { embedder })
  const answersOf = async (vault: typeof alone): Promise<string[]> => {
    await until(async () => (await vault.door().call('notes.status', {}))['pending'] === 0)
    const { call } = vault.door(['notes.read:Open/**'])
    const answers: string[] = []
    for (const [name, input] of questions) {
      const answer = JSON.stringify(await call(name, input)).replace(/"modifiedMs":\d+/g, '')
      answers.push(`${name} ${JSON.stringify(input)}: ${answer}`)
    }
    return answers
  }
  expect(await answersOf(beside)).toEqual(await answersOf(alone))
})

test('how many notes wait for their vectors is told of those alone that may be read', async () => {
  const never = { ...makeHashingEmbedder(), embed: () => new Promise<never>(() => {}) }
  await using vault = await openTestVault({ ...open, ...closed }, { embedder: never })
  const { call } = vault.door(['notes.read:Open/**'])
  expect(await call('notes.status', {})).toMatchObject({ notes: 3, pending: 3 })
})

test('a list goes on where it ended, past what may not be read', async () => {
  await using vault = await openTestVault({ 'A.md': 'a', 'B.md': 'b', 'C.md': 'c', 'D.md': 'd' })
  const { call } = vault.door(['notes.read:A.md', 'notes.read:C.md'])
  const first = await call<{ notes: { path: string }[]; cursor?: string }>('notes.list', { limit: 1 })
  expect(first).toMatchObject({ notes: [{ path: 'A.md' }], cursor: 'A.md' })
  const second = await call<typeof first>('notes.list', { limit: 1, cursor: first.cursor })
  expect(second.notes).toMatchObject([{ path: 'C.md' }])
  expect(second).not.toHaveProperty('cursor')
})

test('how many notes that may not be known link to one is not told', async () => {
  const said = []
  for (const count of [1, 30]) {
    const linking = Object.fromEntries(Object.entries(closed).slice(-count))
    await using vault = await openTestVault({ ...open, ...linking })
    const door = vault.door(['notes.read:Open/**', 'notes.write:Open/**'])
    said.push((await door.refused('notes.rename', { from: 'Open/Other', to: 'Open/Another' })).message)
  }
  expect(said[0]).toBe(said[1])
})

test('no hash of a note goes to a plugin that may write it and not read it', async () => {
  await using vault = await openTestVault({ 'Pin.md': '4711' })
  const { call, refused } = vault.door(['notes.write'])
  for (const [name, more] of [
    ['write', { content: 'x', ifVersion: 'none' }],
    ['create', {}],
    ['delete', { ifVersion: 'none' }],
  ] as const) {
    const error = await refused(`notes.${name}`, { path: 'Pin', ...more })
    expect(error.code, name).toBe('notes.conflict')
    expect(error.details, name).toBeUndefined()
  }
  await call('notes.write', { path: 'Pin', content: 'x' })
  const reader = vault.door()
  expect((await reader.refused('notes.create', { path: 'Pin' })).details).toHaveProperty('version')
})
