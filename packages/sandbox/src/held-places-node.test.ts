// What is held is compared with what a process sees; the process is this one, which sees the host as it is.

import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { holdPlaces } from './held-places-node.ts'
import type { Mount } from './mounts.ts'

const linux = process.platform === 'linux'
let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-held-')))
  mkdirSync(join(folder, 'a/b'), { recursive: true })
  writeFileSync(join(folder, 'a/b/file'), '')
})
afterEach(() => rmSync(folder, { recursive: true }))

const hold = (...mounts: (readonly [string, Mount['how']])[]) =>
  holdPlaces(
    mounts.map(([path, how]) => ({ path: join(folder, path), how })),
    11,
  )
const failed = expect.objectContaining({ code: 'sandbox.failed' })

test.runIf(linux)('what stands where it stood is seen; what was moved or replaced is not', () => {
  using places = hold(['a', 'read'], ['a/b/file', 'write'])
  expect(places.mounts.map(({ descriptor, isFolder }) => [descriptor, isFolder])).toEqual([
    [11, true],
    [12, false],
  ])
  expect(() => places.verify(process.pid)).not.toThrow()
  renameSync(join(folder, 'a/b/file'), join(folder, 'a/b/other'))
  expect(() => places.verify(process.pid)).toThrow(failed)
  writeFileSync(join(folder, 'a/b/file'), '')
  expect(() => places.verify(process.pid)).toThrow(failed)
})

test.runIf(linux)('what is to be hidden and is seen is found, also where it was moved to', () => {
  using places = hold(['a/b', 'hide'])
  expect(() => places.verify(process.pid)).toThrow(failed)
  renameSync(join(folder, 'a/b'), join(folder, 'c'))
  expect(() => places.verify(process.pid)).toThrow(failed)
  mkdirSync(join(folder, 'a/b'))
  expect(() => places.verify(process.pid)).toThrow(failed)
})

test.runIf(linux)('a link on the way, at its end or below it holds nothing, and no descriptor stays open', () => {
  symlinkSync(join(folder, 'a'), join(folder, 'link'))
  const open = (): number => readdirSync('/proc/self/fd').length
  const before = open()
  for (const path of ['link', 'link/b', 'link/b/file'])
    expect(() => hold(['a', 'read'], [path, 'read'])).toThrow(/symbolic/)
  expect(() => hold(['a', 'read'], ['a/none', 'read'])).toThrow(/does not exist/)
  expect(() => hold(['a', 'read'], ['a/b/file/x', 'read'])).toThrow(/does not exist/)
  expect(open()).toBe(before)
})
