// Folders of pinned files outlive a host that is killed: named so that the next one sees whose they are, and removes those of
// hosts that are gone. The folder for temporary files is everybody's, so no name in there is trusted for what it leads to.

import { closeSync, constants, fstatSync, openSync, readdirSync } from 'node:fs'
import { mkdtemp, readdir, realpath, rm, rmdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isOwnerGone, makeOwnerMark } from '@bulkhead/sandbox'

const prefix = 'bulkhead-plugin-'
const namePattern = new RegExp(`^${prefix}(.+)-[A-Za-z0-9]{6}$`)

/** Makes a folder that only this user can enter. Whoever makes it removes it. */
export const makePinFolder = async (): Promise<string> =>
  realpath(await mkdtemp(join(tmpdir(), `${prefix}${makeOwnerMark()}-`)))

/** Removes what hosts of this user left that are gone. Never rejects: told is what could not be removed, and why. */
export const removeLeftFolders = async (tell: (message: string) => void): Promise<void> => {
  const parent = tmpdir()
  for (const name of await readdir(parent).catch(() => [])) {
    const mark = namePattern.exec(name)?.[1]
    if (mark === undefined || !isOwnerGone(mark)) continue
    const path = join(parent, name)
    // Another host may be at it as well.
    await removeOwn(path).catch(({ code, message }: NodeJS.ErrnoException) => {
      if (code !== 'ENOENT') tell(`${path} was left by a host that is gone and cannot be removed: ${message}`)
    })
  }
}

/** Of a folder that is not this user's, or no folder, nothing is touched. */
const removeOwn = async (path: string): Promise<void> => {
  const descriptor = openOwn(path)
  if (descriptor === undefined) return
  try {
    // By the descriptor: whatever stands at the path meanwhile, this is the folder that was looked at.
    const folder = `/proc/self/fd/${descriptor}`
    for (const name of readdirSync(folder)) await rm(join(folder, name), { recursive: true, force: true })
  } finally {
    closeSync(descriptor)
  }
  await rmdir(path)
}

const openOwn = (path: string): number | undefined => {
  let descriptor: number
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  } catch {
    return undefined
  }
  if (fstatSync(descriptor).uid === process.geteuid?.()) return descriptor
  closeSync(descriptor)
  return undefined
}
