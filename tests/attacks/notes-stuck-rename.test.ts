// A rename that cannot be carried out, made on purpose by a plugin or left by a dead process: it must fail alone. A journal that
// stood for good would keep every plugin from the vault.

import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTestVault, type TestVault } from '../support/vault.ts'

const journals = ({ home }: TestVault): string[] =>
  readdirSync(join(home, 'notes')).filter((name) => name.endsWith('.journal'))

const stateOf = ({ home, path }: TestVault): string => {
  mkdirSync(join(home, 'notes'), { recursive: true })
  return join(home, 'notes', createHash('sha256').update(path).digest('hex').slice(0, 32))
}
const versionOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)

/** A plan as a process leaves it that dies before it acts. */
const leave = (vault: TestVault, plan: unknown): void =>
  writeFileSync(`${stateOf(vault)}.journal`, typeof plan === 'string' ? plan : JSON.stringify(plan))

const blocked: readonly [name: string, to: string, prepare: (vault: TestVault) => void][] = [
  ['a note stands where a folder would be', 'B.md/C', () => {}],
  ['a file stands where a folder would be', 'plain/C', () => {}],
  ['a link stands where a folder would be', 'link/C', ({ path }) => symlinkSync('/nowhere', join(path, 'link'))],
]

test.each(blocked)('a rename to where %s fails alone', async (_name, to, prepare) => {
  await using vault = await openTestVault({ 'A.md': 'a', 'B.md': '[[A]]', plain: 'x' })
  prepare(vault)
  const { call, refused } = vault.door()
  expect(await refused('notes.rename', { from: 'A', to })).toMatchObject({ code: 'notes.failed' })
  expect(journals(vault)).toEqual([])
  await call('notes.write', { path: 'X', content: 'x' })
  await vault.reopen()
  expect(await vault.door().call('notes.read', { path: 'A' })).toMatchObject({ content: 'a' })
  expect(await vault.text('B.md')).toBe('[[A]]')
})

test('what a plan of a dead process cannot do any more is left undone, and the rest is done', async () => {
  await using vault = await openTestVault({ 'A.md': 'a', 'Two.md': 'see [[A]]', plain: 'x' })
  // What was a note is a folder now.
  mkdirSync(join(vault.path, 'One.md'))
  leave(vault, {
    from: 'A.md',
    to: 'C.md',
    rewrites: [
      { path: 'One.md', before: versionOf('[[A]]'), after: '[[C]]' },
      { path: 'Two.md', before: versionOf('see [[A]]'), after: 'see [[C]]' },
    ],
  })
  const { call } = vault.door()
  await call('notes.write', { path: 'X', content: 'x' })
  expect(await vault.text('C.md')).toBe('a')
  expect(await vault.text('Two.md')).toBe('see [[C]]')
  expect(journals(vault)).toEqual([])
})

test('a plan whose note cannot be moved any more leaves the links as they are', async () => {
  await using vault = await openTestVault({ 'A.md': 'a', 'Two.md': 'see [[A]]', plain: 'x' })
  leave(vault, {
    from: 'A.md',
    to: 'plain/C.md',
    rewrites: [{ path: 'Two.md', before: versionOf('see [[A]]'), after: 'see [[C]]' }],
  })
  await vault.door().call('notes.write', { path: 'X', content: 'x' })
  expect([await vault.text('A.md'), await vault.text('Two.md')]).toEqual(['a', 'see [[A]]'])
  expect(journals(vault)).toEqual([])
})

test('a planted plan reaches nothing outside of the vault and nothing hidden in it', async () => {
  await using vault = await openTestVault({ 'A.md': 'a', '.obsidian/x.md': 'hidden' })
  writeFileSync(join(vault.path, '..', 'outside.md'), 'outside')
  const before = versionOf('outside')
  for (const plan of [
    { from: 'A.md', to: '../moved.md', rewrites: [] },
    { from: '../outside.md', to: 'Stolen.md', rewrites: [] },
    { from: 'A.md', to: 'A.md', rewrites: [{ path: '../outside.md', before, after: 'changed' }] },
    { from: 'A.md', to: 'A.md', rewrites: [{ path: 'A.md/../../outside.md', before, after: 'changed' }] },
    { from: '.obsidian/x.md', to: 'Stolen.md', rewrites: [] },
    { from: 'A.md', to: 'run.sh', rewrites: [] },
  ]) {
    leave(vault, plan)
    await vault.door().call('notes.write', { path: 'X', content: 'x' })
    await vault.reopen()
  }
  expect(readdirSync(vault.path).sort()).toEqual(['.obsidian', 'A.md', 'X.md'])
  expect(await vault.text('../outside.md')).toBe('outside')
  expect(existsSync(join(vault.path, '..', 'moved.md'))).toBe(false)
})

test('a damaged journal is set aside, and everything works', async () => {
  await using vault = await openTestVault({ 'A.md': 'a' })
  for (const text of ['', '{"from":"A.md","to":"C', 'null', '[]', '{"from":"A.md","to":"C.md","rewrites":[null]}']) {
    leave(vault, text)
    await vault.reopen()
    expect(await vault.door().call('notes.read', { path: 'A' })).toMatchObject({ content: 'a' })
    await vault.door().call('notes.write', { path: 'X', content: 'x' })
    expect(journals(vault)).toEqual([])
  }
})

test('a folder, a pipe or a link in the place of the journal holds nobody up, and nothing is written through it', async () => {
  await using vault = await openTestVault({ 'A.md': 'a', 'B.md': '[[A]]' })
  writeFileSync(join(vault.path, '..', 'outside.md'), 'outside')
  const state = stateOf(vault)
  const plant: readonly (() => void)[] = [
    () => mkdirSync(`${state}.journal`),
    () => void spawnSync('mkfifo', [`${state}.journal`]),
    () => symlinkSync(join(vault.path, '..', 'outside.md'), `${state}.journal`),
    () => symlinkSync(join(vault.path, '..', 'outside.md'), `${state}.journal.tmp`),
    () => mkdirSync(`${state}.journal.tmp`),
  ]
  const names = ['A', 'C']
  for (const act of plant) {
    act()
    await vault.reopen()
    const [from = '', to = ''] = names
    await vault.door().call('notes.rename', { from, to })
    names.reverse()
  }
  expect(await vault.text('../outside.md')).toBe('outside')
  expect(await vault.text('B.md')).toBe('[[C]]')
})

test.runIf(process.getuid?.() !== 0)('a note that may not be rewritten does not stop the others', async () => {
  await using vault = await openTestVault({ 'A.md': 'a', 'Closed/B.md': '[[A]]', 'C.md': '[[A]]' })
  chmodSync(join(vault.path, 'Closed'), 0o500)
  const { call, refused } = vault.door()
  expect((await refused('notes.rename', { from: 'A', to: 'D' })).message).toContain('the note has its new name')
  expect(await vault.text('C.md')).toBe('[[D]]')
  await call('notes.write', { path: 'X', content: 'x' })
  chmodSync(join(vault.path, 'Closed'), 0o700)
})
