// A plugin with a wide grant goes after what no grant covers (Bulkhead's state, `.git/`), or after what its own deny
// list takes out, by way of links, moves and spellings.

import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFsFunctions } from '@bulkhead/service-fs'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const setUp = async () => {
  const folder = await openTemporaryFolder()
  const root = folder.path
  for (const path of ['.git/hooks', '.bulkhead', 'home', 'data/private'])
    await mkdir(join(root, path), { recursive: true })
  for (const path of ['.git/config', '.bulkhead/policy', 'home/grants', 'data/private/key', 'data/own']) {
    await writeFile(join(root, path), 'original')
  }
  const door = openDoor({
    functions: makeFsFunctions(),
    grants: ['filesystem.read:.', 'filesystem.write:.'],
    denies: ['filesystem.read:./data/private'],
    protectedPaths: [join(root, 'home')],
    workspaceRoot: root,
  })
  return { root, door, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() }
}

test('links do not lead to protected paths', async () => {
  await using at = await setUp()
  await symlink('.git', join(at.root, 'git'))
  await symlink('../.git/config', join(at.root, 'data/config'))
  await symlink('home', join(at.root, 'house'))
  for (const path of ['.git/config', 'git/config', 'data/config', 'git/hooks/post-commit', 'house/grants']) {
    for (const mode of ['create', 'overwrite', 'append']) {
      expect((await at.door.refused('fs.write', { path, text: 'x', mode })).code).toBe('capability.denied')
    }
  }
  for (const path of ['house/grants', 'home/grants', '.bulkhead/policy']) {
    expect((await at.door.refused('fs.read', { path })).code).toBe('capability.denied')
  }
  expect((await at.door.refused('fs.remove', { path: 'git/config' })).code).toBe('capability.denied')
  expect((await at.door.refused('fs.mkdir', { path: 'git/new' })).code).toBe('capability.denied')
  expect(await readFile(join(at.root, '.git/config'), 'utf8')).toBe('original')
})

test('nothing is moved in or out: not a protected file, not a folder around one, not a denied file', async () => {
  await using at = await setUp()
  for (const [from, to, code] of [
    ['data/own', '.git/hooks/post-commit', 'capability.denied'],
    ['.git/config', 'data/config', 'capability.denied'],
    ['data/private/key', 'data/key', 'capability.denied'],
    // The folder is not denied, only what is in it would be readable under its new name.
    ['data', 'moved', 'fs.not-regular'],
  ] as const) {
    expect((await at.door.refused('fs.rename', { from, to })).code).toBe(code)
  }
})
