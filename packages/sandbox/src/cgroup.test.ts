// Groups over plain folders, which take any word: they show what is written where, not that the kernel obeys.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCgroup } from './cgroup.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bulkhead-groups-'))
})
afterEach(() => rmSync(root, { recursive: true }))

const limits = { memoryBytes: 1 << 26, processes: 10 }

test('version 2 writes the limits and reads them back', async () => {
  const group = openCgroup({ version: 2, memory: [root], pids: [root], cpu: [root] }, limits)
  expect(group).toMatchObject({ memoryBytes: 1 << 26, processes: 10, countsCpu: false })
  const folder = join(root, readdirSync(root)[0] as string)
  expect(readFileSync(join(folder, 'memory.max'), 'utf8')).toBe(String(1 << 26))
  // bubblewrap and process 1 of the sandbox are not the program's.
  expect(readFileSync(join(folder, 'pids.max'), 'utf8')).toBe('12')
  writeFileSync(join(folder, 'memory.current'), '4096\n')
  writeFileSync(join(folder, 'pids.current'), '3\n')
  writeFileSync(join(folder, 'memory.events'), 'low 0\noom 2\noom_kill 2\n')
  expect(group?.usage()).toEqual({ memoryBytes: 4096, processes: 1 })
  expect(group?.outOfMemory()).toBe(2)
  await group?.add(122, 123)
  expect(readFileSync(join(folder, 'cgroup.procs'), 'utf8')).toBe('123')
})

test('where no group can be made there is none, and the next place is tried', () => {
  const none = join(root, 'not-there')
  expect(openCgroup({ version: 2, memory: [none], pids: [none], cpu: [none] }, limits)).toBeUndefined()
  const group = openCgroup({ version: 1, memory: [none], pids: [none, root], cpu: [] }, limits)
  expect(group).toMatchObject({ memoryBytes: undefined, processes: 10 })
})

test('groups of a host that is gone are swept, others stay', () => {
  const [gone, here, other] = ['bulkhead-4999999-1', `bulkhead-${process.pid}-999999`, 'system.slice'] as const
  for (const name of [gone, here, other]) mkdirSync(join(root, name))
  openCgroup({ version: 2, memory: [root], pids: [], cpu: [] }, limits)
  expect([gone, here, other].map((name) => existsSync(join(root, name)))).toEqual([false, true, true])
})
