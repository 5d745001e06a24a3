// Folders that somebody filled so that the look over them fails, or misses something.

import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Capability } from '@bulkhead/kernel'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lookOverFolder } from './granted-folder-node.ts'

const linux = process.platform === 'linux'
let folder = ''
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'bulkhead-look-')))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const protectsGit = ({ scope = '' }: Capability): boolean => /\/\.git(?:\/|$)/.test(scope)
const forbidsWriting = (capability: Capability): boolean =>
  capability.name === 'filesystem.write' && protectsGit(capability)
const look = (writes: boolean, refuses: (capability: Capability) => boolean = protectsGit) =>
  lookOverFolder(folder, { writes, refuses })
/** Runs a shell script with the folder as its working folder. */
const shell = (script: string): void => void execFileSync('/bin/sh', ['-c', script], { cwd: folder })

test.runIf(linux)('many folders take few descriptors of the host', async () => {
  for (let index = 0; index < 3_000; index++) mkdirSync(join(folder, String(index)))
  const before = readdirSync('/proc/self/fd').length
  let most = 0
  const refuses = (): boolean => {
    most = Math.max(most, readdirSync('/proc/self/fd').length)
    return false
  }
  expect(await look(true, refuses)).toEqual({ hidden: [], unwritable: undefined })
  expect(most - before).toBeLessThan(10)
})

test.runIf(linux)('other work has its turn while many empty folders are looked into', async () => {
  for (let index = 0; index < 1_900; index++) mkdirSync(join(folder, String(index)))
  let turns = 0
  let next = setImmediate(function count() {
    turns++
    next = setImmediate(count)
  })
  await look(true)
  clearImmediate(next)
  // One in five hundred looks, at each name and into each folder.
  expect(turns).toBeGreaterThanOrEqual(6)
})

test.runIf(linux)('folders in folders without end are refused', async () => {
  mkdirSync(join(folder, 'd/'.repeat(90)), { recursive: true })
  expect(await look(true)).toEqual({ hidden: [], unwritable: undefined })
  mkdirSync(join(folder, 'd/'.repeat(110)), { recursive: true })
  await expect(look(true)).rejects.toMatchObject({ code: 'sandbox.invalid' })
})

test.runIf(linux)('what is below a name that is no UTF-8 is looked at', async () => {
  shell(`mkdir "$(printf 'a\\377')" "$(printf 'a\\377')/.git"`)
  expect((await look(true, forbidsWriting)).unwritable).toMatch(/\.git$/)
  // Hiding takes a path, and there is none.
  await expect(look(false)).rejects.toMatchObject({ code: 'sandbox.invalid' })
})

test.runIf(linux)('a pipe that no text names is not shown', async () => {
  shell(`mkfifo "$(printf 'a\\377')"`)
  await expect(look(false)).rejects.toMatchObject({ code: 'sandbox.invalid' })
})

test.runIf(linux)('a file or a folder with such a name is no hindrance', async () => {
  shell(`mkfifo pipe; mkdir "$(printf 'a\\377')"; : > "$(printf 'a\\377')/$(printf 'b\\377')"`)
  expect(await look(false)).toEqual({ hidden: [join(folder, 'pipe')], unwritable: undefined })
})
