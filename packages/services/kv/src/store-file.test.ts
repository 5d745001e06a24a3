// Locks of POSIX belong to a process, and closing any descriptor of a file takes all of them back.

import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openSqliteStore } from './sqlite-store-node.ts'

const by = { principal: 'p', quotaBytes: 1e6 }
const space = { scope: 'plugin', owner: 'p' } as const

/** Locks that this process has on the file, as the kernel lists them. */
const locksOn = (file: string): readonly string[] => {
  const { ino } = statSync(file)
  return readFileSync('/proc/locks', 'utf8')
    .split('\n')
    .filter((line) => line.includes(` ${process.pid} `) && line.includes(`:${ino} `))
}

test.skipIf(process.platform !== 'linux')('a second store on a file leaves the first its locks', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'bulkhead-kv-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'kv.sqlite')
  await using first = openSqliteStore({ file, clock: Date })
  await first.set(space, 'a', 1, by)
  expect(locksOn(file)).not.toEqual([])
  await using second = openSqliteStore({ file, clock: Date })
  await second.set(space, 'b', 2, by)
  expect(locksOn(file)).not.toEqual([])
})
