// Device files for the programs of a host that is root. Those of the system belong to root, and so for the kernel to such a
// program: it could change their modes for the whole machine. These are the same devices in files that belong to nobody.

import { execFileSync } from 'node:child_process'
import { chmodSync, chownSync, lstatSync, mkdtempSync, renameSync, rmSync, statSync, type Stats } from 'node:fs'
import { BulkheadError } from '@bulkhead/kernel'

/** Character devices of bubblewrap's /dev: their numbers (Documentation/admin-guide/devices.txt of Linux). */
const deviceNumbers = {
  null: [1, 3],
  zero: [1, 5],
  full: [1, 7],
  random: [1, 8],
  urandom: [1, 9],
  tty: [5, 0],
} as const

/** Beside those of the system, where alone device files are sure to work. It goes when the system ends, and is made again. */
const usualFolder = '/dev/bulkhead-sandbox'
/** The user that owns nothing: no program is it. */
const nobody = 65_534
const mode = 0o666

const isOurs = (folder: string): boolean => {
  const look = (path: string): Stats | undefined => lstatSync(path, { throwIfNoEntry: false })
  const stats = look(folder)
  if (stats?.isDirectory() !== true || stats.uid !== 0 || (stats.mode & 0o022) !== 0) return false
  return Object.entries(deviceNumbers).every(([name, [major, minor]]) => {
    const device = look(`${folder}/${name}`)
    return (
      device?.isCharacterDevice() === true &&
      device.rdev === major * 256 + minor &&
      device.uid === nobody &&
      (device.mode & 0o7777) === mode
    )
  })
}

const make = (folder: string): void => {
  // Made aside and moved as a whole: another host may be at it too.
  let aside: string | undefined
  try {
    aside = mkdtempSync(`${folder}-`)
    for (const [name, numbers] of Object.entries(deviceNumbers)) {
      const path = `${aside}/${name}`
      execFileSync('mknod', [path, 'c', ...numbers.map(String)], { env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin' } })
      chownSync(path, nobody, nobody)
      chmodSync(path, mode)
    }
    chmodSync(aside, 0o755)
    if (!isOurs(folder)) rmSync(folder, { recursive: true, force: true })
    renameSync(aside, folder)
  } catch (thrown) {
    if (aside !== undefined) rmSync(aside, { recursive: true, force: true })
    if (isOurs(folder)) return
    throw new BulkheadError(
      'sandbox.failed',
      `Device files for programs cannot be made in ${folder}: ${String(thrown)}`,
      {
        hint: 'This host runs as root, and its programs must not have those of the system. Run it as another user, or let it make device files.',
      },
    )
  }
}

/**
 * The device files that programs get, none where those of the system belong to another user than this.
 * @throws BulkheadError `sandbox.failed` when they cannot be made
 */
export const findOwnDevices = (folder = usualFolder): readonly string[] => {
  if (process.getuid?.() !== statSync('/dev/null').uid) return []
  if (!isOurs(folder)) make(folder)
  return Object.keys(deviceNumbers).map((name) => `${folder}/${name}`)
}
