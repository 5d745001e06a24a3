// A plugin leaves its folder by `..`, by links, by links inside links, or by odd spellings.

import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFsFunctions } from '@bulkhead/service-fs'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const setUp = async () => {
  const folder = await openTemporaryFolder()
  const root = folder.path
  await mkdir(join(root, 'data/sub'), { recursive: true })
  await mkdir(join(root, 'outside/deep'), { recursive: true })
  await writeFile(join(root, 'outside/secret'), 'secret')
  await writeFile(join(root, 'data/own'), 'own')
  const door = openDoor({
    functions: makeFsFunctions(),
    grants: ['filesystem.read:./data', 'filesystem.write:./data'],
    workspaceRoot: root,
  })
  return { root, data: join(root, 'data'), door, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

test('paths that climb are refused by what they mean', async () => {
  await using at = await setUp()
  for (const path of [
    '../etc/passwd',
    'data/../outside/secret',
    'data/sub/../../outside/secret',
    './data/./../outside/secret',
    'data//..//outside/secret',
    `${at.data}x/../outside/secret`,
    '/etc/passwd',
    'data\0/../../x',
    'data\\..\\..\\outside',
    `${'data/../'.repeat(100)}outside/secret`,
  ]) {
    const error = await at.door.refused('fs.read', { path })
    expect(['capability.denied', 'capability.invalid', 'input.invalid']).toContain(error.code)
  }
})

test.each([
  ['an absolute link to a file', 'out', '/outside/secret', 'out'],
  ['a relative link to a file', 'out', '../outside/secret', 'out'],
  ['a link to a folder on the way', 'out', '../outside', 'out/secret'],
  ['a link to the folder above', 'out', '..', 'out/outside/secret'],
  ['".." after a link, which leads above the link’s target', 'sub/up', '../../outside/deep', 'sub/up/../secret'],
  ['a link to the root', 'out', '/', 'out/etc/passwd'],
])('%s is refused', async (_what, name, target, path) => {
  await using at = await setUp()
  const absolute = target.startsWith('/outside') ? join(at.root, target) : target
  await symlink(absolute, join(at.data, name))
  // Path arithmetic before the walk would turn `up/..` into nothing, so the last case is given as a link's target.
  if (path.includes('/..')) await symlink(path, join(at.data, 'climb'))
  const asked = path.includes('/..') ? 'data/climb' : `data/${path}`
  const error = await at.door.refused('fs.read', { path: asked })
  expect(error.code).toBe('capability.denied')
  expect((await at.door.refused('fs.write', { path: asked, text: 'x' })).code).toBe('capability.denied')
  expect((await at.door.refused('fs.stat', { path: asked })).code).toBe('capability.denied')
  expect(await readFile(join(at.root, 'outside/secret'), 'utf8')).toBe('secret')
})

test('a link that dangles outside tells nothing about what exists there', async () => {
  await using at = await setUp()
  await symlink('../outside/none', join(at.data, 'dangling'))
  expect((await at.door.refused('fs.read', { path: 'data/dangling' })).code).toBe('capability.denied')
  expect((await at.door.refused('fs.write', { path: 'data/dangling', text: 'x' })).code).toBe('capability.denied')
})

test('links inside the grant work, also through each other, and the real path is what was asked', async () => {
  await using at = await setUp()
  await symlink('own', join(at.data, 'one'))
  await symlink('../one', join(at.data, 'sub/two'))
  await symlink('sub', join(at.data, 'folder'))
  expect(await at.door.call('fs.read_text', { path: 'data/folder/two' })).toEqual({ text: 'own' })
  expect(at.door.decisions.at(-1)).toBe(`allowed filesystem.read:${at.data}/own`)
  await at.door.call('fs.write', { path: 'data/folder/two', text: 'new' })
  expect(await readFile(join(at.data, 'own'), 'utf8')).toBe('new')
})

test('a circle of links ends', async () => {
  await using at = await setUp()
  await symlink('b', join(at.data, 'a'))
  await symlink('a', join(at.data, 'b'))
  expect((await at.door.refused('fs.read', { path: 'data/a' })).code).toBe('fs.failed')
  expect(at.door.decisions.length).toBeLessThan(50)
})

test('removing a link removes the link; removing through a link that leaves is refused', async () => {
  await using at = await setUp()
  await symlink('../outside/secret', join(at.data, 'file'))
  await symlink('../outside', join(at.data, 'folder'))
  await at.door.call('fs.remove', { path: 'data/file' })
  expect((await at.door.refused('fs.remove', { path: 'data/folder/secret' })).code).toBe('capability.denied')
  const move = { from: 'data/folder/secret', to: 'data/mine' }
  expect((await at.door.refused('fs.rename', move)).code).toBe('capability.denied')
  expect((await at.door.refused('fs.rename', { from: 'data/own', to: 'data/folder/x' })).code).toBe('capability.denied')
  expect(await readFile(join(at.root, 'outside/secret'), 'utf8')).toBe('secret')
})
