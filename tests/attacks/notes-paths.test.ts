// A plugin with all rights on the vault tries to get out of it, and into what in it belongs to programs.

import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openTestVault } from '../support/vault.ts'

const outside = [
  '../out',
  'a/../../out',
  '/etc/passwd',
  '~/x',
  'a\\..\\x',
  'a//b',
  './a',
  'a/./b',
  'a\0b',
  'a\nb',
  'a*b',
  ' a',
  'a/ /b',
]
const programs = ['.git/config', '.obsidian/app', '.trash/x', '.bulkhead/plugins/x', 'a/.hidden/x', '.x']

test.each([...outside, ...programs])('the path %j is refused by every function', async (path) => {
  await using vault = await openTestVault({ 'A.md': 'a' })
  const { refused } = vault.door()
  const inputs: readonly (readonly [string, unknown])[] = [
    ['notes.read', { path }],
    ['notes.write', { path, content: 'x' }],
    ['notes.create', { path }],
    ['notes.append', { path, content: 'x' }],
    ['notes.edit', { path, find: 'a', replace: 'b' }],
    ['notes.delete', { path }],
    ['notes.rename', { from: path, to: 'B' }],
    ['notes.rename', { from: 'A', to: path }],
    ['notes.backlinks', { path }],
    ['notes.forward_links', { path }],
    ['notes.traverse', { start: path }],
    ['notes.list', { folder: path }],
  ]
  for (const [name, input] of inputs)
    expect((await refused(name, input)).code, name).toMatch(/^(?:input|capability)\.invalid|capability\.denied$/)
  expect(await readdir(vault.path)).toEqual(['A.md'])
})

test.runIf(process.platform !== 'win32')(
  'links out of the vault are neither followed nor listed, for files and folders',
  async () => {
    await using vault = await openTestVault({ 'A.md': 'inside' })
    const secret = join(vault.home, '..', 'secret')
    await mkdir(secret)
    await writeFile(join(secret, 'Key.md'), 'the key is 4711')
    await symlink(join(secret, 'Key.md'), join(vault.path, 'Key.md'))
    await symlink(secret, join(vault.path, 'Folder'))
    await symlink(join(secret, 'New.md'), join(vault.path, 'New.md'))
    const { call, refused } = vault.door()
    expect((await call<{ notes: { path: string }[] }>('notes.list', {})).notes.map(({ path }) => path)).toEqual([
      'A.md',
    ])
    expect((await call<{ hits: unknown[] }>('notes.search', { query: 'key 4711' })).hits).toEqual([])
    for (const path of ['Key', 'Folder/Key']) {
      for (const [name, more] of [
        ['read', {}],
        ['write', { content: 'x' }],
        ['append', { content: 'x' }],
        ['delete', {}],
      ] as const) {
        expect((await refused(`notes.${name}`, { path, ...more })).code, `${name} ${path}`).toMatch(/^notes\./)
      }
    }
    expect((await refused('notes.create', { path: 'New' })).code).toMatch(/^notes\./)
    expect((await refused('notes.create', { path: 'Folder/Other' })).code).toMatch(/^notes\./)
    await expect(call('notes.rename', { from: 'A', to: 'Folder/A' })).rejects.toMatchObject({
      code: expect.stringMatching(/^notes\./),
    })
    expect(await readdir(secret)).toEqual(['Key.md'])
    expect(await readFile(join(secret, 'Key.md'), 'utf8')).toBe('the key is 4711')
    expect(await vault.text('A.md')).toBe('inside')
  },
)

test.runIf(process.platform === 'linux')('a pipe is no note, and holds nobody up', async () => {
  await using vault = await openTestVault({ 'A.md': 'a' })
  execFileSync('mkfifo', [join(vault.path, 'Pipe.md')])
  const { call, refused } = vault.door()
  expect((await call<{ notes: unknown[] }>('notes.list', {})).notes).toHaveLength(1)
  expect(await refused('notes.read', { path: 'Pipe' })).toMatchObject({ code: 'notes.failed' })
  expect(await refused('notes.write', { path: 'Pipe', content: 'x' })).toMatchObject({ code: 'notes.failed' })
})

test('the trash and hidden folders are not part of the vault, and deleting keeps what is deleted', async () => {
  await using vault = await openTestVault({
    'A.md': 'zebra one',
    '.trash/Old.md': 'zebra',
    '.git/X.md': 'zebra',
    'F/.h/Y.md': 'zebra',
  })
  const { call } = vault.door()
  expect(
    (await call<{ hits: { path: string }[] }>('notes.search', { query: 'zebra' })).hits.map(({ path }) => path),
  ).toEqual(['A.md'])
  expect(await call('notes.delete', { path: 'A' })).toMatchObject({ trash: '.trash/A.md' })
  await call('notes.create', { path: 'A', content: 'two' })
  expect(await call('notes.delete', { path: 'A' })).toMatchObject({ trash: '.trash/A 2.md' })
  expect([await vault.text('.trash/A.md'), await vault.text('.trash/A 2.md')]).toEqual(['zebra one', 'two'])
  expect((await call<{ notes: unknown[] }>('notes.list', {})).notes).toEqual([])
})

test('the state folder is none of the vault’s, even when it lies in it', async () => {
  await using vault = await openTestVault({ 'A.md': 'a' })
  await vault.put({ '../home/kept/B.md': 'state' })
  const { openVaults, makeNotesFunctions } = await import('@bulkhead/service-notes')
  const { openDoor } = await import('../support/door.ts')
  await using outer = openVaults({ home: vault.home, folder: join(vault.path, '..') })
  const { call, refused } = openDoor({
    functions: makeNotesFunctions(outer, undefined),
    grants: ['notes.read', 'notes.write'],
  })
  expect((await call<{ notes: { path: string }[] }>('notes.list', {})).notes.map(({ path }) => path)).toEqual([
    'vault/A.md',
  ])
  expect((await refused('notes.read', { path: 'home/kept/B' })).code).toBe('notes.not-found')
  expect((await refused('notes.create', { path: 'home/kept/C' })).code).toBe('notes.failed')
  expect(existsSync(join(vault.home, 'kept/C.md'))).toBe(false)
  await using inner = openVaults({ home: vault.home, folder: join(vault.home, 'kept') })
  const within = openDoor({ functions: makeNotesFunctions(inner, undefined), grants: ['notes.read'] })
  expect((await within.refused('notes.list', {})).code).toBe('notes.failed')
})
