// Groups over plain folders, which take any word: they show what is written where, not that the kernel obeys.

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openCgroup } from './cgroup.ts'
import { makeOwnerMark } from './owner-mark.ts'

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
  const [namespace, pid, start] = makeOwnerMark().split('-')
  const gone = [`bulkhead-${namespace}-4999999-1-0123abcd`, `bulkhead-${namespace}-${pid}-1-0123abcd`]
  const stay = [`bulkhead-${namespace}-${pid}-${start}-0123abcd`, 'bulkhead-1-4999999-1-0123abcd', 'system.slice']
  for (const name of [...gone, ...stay]) mkdirSync(join(root, name))
  openCgroup({ version: 2, memory: [root], pids: [], cpu: [] }, limits)
  expect(gone.filter((name) => existsSync(join(root, name)))).toEqual([])
  expect(stay.filter((name) => existsSync(join(root, name)))).toEqual(stay)
})
