// A state folder on a file system that has become read-only: what is there serves on.

import { afterEach, expect, test, vi } from 'vitest'
import { keepOne, moduleBytes, openTestCache } from '../support/code-cache.ts'
import { openTemporaryFolder } from '../support/temporary-folder.ts'

const { isReadOnly } = vi.hoisted(() => ({ isReadOnly: { now: false } }))

vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const futimesSync: typeof fs.futimesSync = (...args) => {
    if (isReadOnly.now) throw Object.assign(new Error('read-only'), { code: 'EROFS' })
    fs.futimesSync(...args)
  }
  return { ...fs, futimesSync }
})

afterEach(() => {
  isReadOnly.now = false
})

test('an entry that cannot be marked as used is used', async () => {
  await using home = await openTemporaryFolder()
  const { entry } = keepOne(home.path)
  const fs = await import('node:fs')
  fs.utimesSync(entry, 0, 0)
  isReadOnly.now = true
  using cache = openTestCache(home.path)
  expect(cache.get('a')?.bytes).toEqual(moduleBytes(1))
})
