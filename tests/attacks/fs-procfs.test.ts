// /proc leads past every check (`self/root`, `self/cwd`, `self/fd/*`) and tells the host's environment.

import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFsFunctions } from '@bulkhead/service-fs'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

test('kernel interfaces are refused even when everything is granted', async () => {
  const grants = ['filesystem.read:/', 'filesystem.write:/']
  const door = openDoor({ functions: makeFsFunctions(), grants })
  for (const path of [
    '/proc/self/environ',
    '/proc/self/root/etc/hostname',
    '/proc/self/cwd/package.json',
    '/proc/thread-self/fd/0',
    '/proc/version',
    '/sys/kernel/mm/transparent_hugepage/enabled',
    '/dev/zero',
    '/dev/fd/0',
    '/dev/shm/x',
    '/dev/stdin',
  ]) {
    expect((await door.refused('fs.read', { path })).code).toBe('fs.not-regular')
    expect((await door.refused('fs.write', { path, text: 'x' })).code).toBe('fs.not-regular')
  }
  expect((await door.refused('fs.list', { path: '/proc' })).code).toBe('fs.not-regular')
})

test('a link in a granted folder does not lead there either', async () => {
  await using folder = await openTemporaryFolder()
  await mkdir(join(folder.path, 'data'))
  await symlink('/proc/self', join(folder.path, 'data/self'))
  const grants = ['filesystem.read:./data', 'filesystem.read:/proc']
  const door = openDoor({ functions: makeFsFunctions(), grants, workspaceRoot: folder.path })
  expect((await door.refused('fs.read', { path: 'data/self/environ' })).code).toBe('fs.not-regular')
})
