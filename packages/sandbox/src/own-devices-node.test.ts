// Needs root, as what it tests does; to others the system's own device files are no danger.

import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { basename, dirname } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findOwnDevices } from './own-devices-node.ts'

const superuser = process.platform === 'linux' && process.getuid?.() === 0
let folder = ''
beforeEach(() => {
  folder = superuser ? mkdtempSync('/dev/bulkhead-test-') : ''
  if (superuser) rmdirSync(folder)
})
afterEach(() => {
  if (superuser) rmSync(folder, { recursive: true, force: true })
})

/** A program that is root for the kernel must not own them: it could change their modes. */
const check = (): void => {
  const paths = findOwnDevices(folder)
  expect(paths.map((path) => basename(path)).sort()).toEqual(['full', 'null', 'random', 'tty', 'urandom', 'zero'])
  for (const path of paths) {
    const { uid, mode, rdev } = lstatSync(path)
    expect([path, uid, mode & 0o170000, mode & 0o7777]).toEqual([path, 65_534, 0o020000, 0o666])
    expect(rdev).toBe(lstatSync(`/dev/${basename(path)}`).rdev)
  }
  writeFileSync(`${folder}/null`, 'x')
}

test.runIf(superuser)('they are made once, and made anew when somebody changed them', () => {
  check()
  const made = lstatSync(folder).ino
  check()
  expect(lstatSync(folder).ino).toBe(made)
  for (const damage of [
    () => unlinkSync(`${folder}/zero`),
    () => chmodSync(`${folder}/null`, 0),
    () => chownSync(`${folder}/full`, 0, 0),
    () => chmodSync(folder, 0o777),
    () => {
      unlinkSync(`${folder}/null`)
      writeFileSync(`${folder}/null`, '')
    },
  ]) {
    damage()
    check()
  }
  // Nothing stays of what was made aside.
  expect(readdirSync(dirname(folder)).filter((name) => name.startsWith(basename(folder)))).toEqual([basename(folder)])
})

test.runIf(superuser)('where they cannot be made, no program starts with those of the system', () => {
  expect(() => findOwnDevices('/proc/none/devices')).toThrow(expect.objectContaining({ code: 'sandbox.failed' }))
})
