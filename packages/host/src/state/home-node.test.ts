import { chmod, mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openHome, resolveHome } from './home-node.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-home-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('BULKHEAD_HOME, then the XDG data directory, then the home folder', () => {
  expect(resolveHome({ BULKHEAD_HOME: '/a', XDG_DATA_HOME: '/b', HOME: '/c' })).toBe('/a')
  expect(resolveHome({ XDG_DATA_HOME: '/b', HOME: '/c' })).toBe('/b/bulkhead')
  expect(resolveHome({ XDG_DATA_HOME: 'relative', HOME: '/c' })).toBe('/c/.local/share/bulkhead')
})

test('a new state folder is for its owner alone', async () => {
  const home = await openHome(join(folder, 'new'))
  expect((await stat(home)).mode & 0o777).toBe(0o700)
})

test.each([0o720, 0o702, 0o777])('a folder that others can write (%o) is refused', async (mode) => {
  await chmod(folder, mode)
  await expect(openHome(folder)).rejects.toMatchObject({ code: 'home.unsafe' })
})

test('missing folders on the way are made, and none is readable by others', async () => {
  const home = await openHome(join(folder, 'a', 'b', 'c'))
  expect((await stat(join(folder, 'a'))).mode & 0o777).toBe(0o700)
  expect(await openHome(home)).toBe(home)
})

test('a place where nothing can be made is refused at once', async () => {
  await expect(openHome('/proc/1/nowhere/deeper')).rejects.toMatchObject({ code: 'home.unsafe' })
})
