// Looks over what lies below a path before a program is shown it: what has to stay out of sight there, and what forbids to show it
// for writing. It decides nothing: what may not be reached is asked of the gate.
//
// Folders are walked by their descriptors, so that nobody who can write there leads the walk astray with a link.

import { closeSync, constants, type Dirent, opendirSync, openSync } from 'node:fs'
import { BulkheadError, type Capability } from '@bulkhead/kernel'

/** What is below. */
export interface FolderReport {
  /** Absolute paths: pipes, sockets, devices, and what is not to be read. */
  readonly hidden: readonly string[]
  /** The first path that is not to be written. */
  readonly unwritable: string | undefined
}

/** How it is looked at. */
export interface FolderLook {
  readonly writes: boolean
  /** Whether the gate would refuse. */
  refuses(capability: Capability): boolean
}

/** Every name is looked at when a process starts. */
const mostEntries = 50_000
/** Each level holds a descriptor while it is looked at, and programs write folders. */
const mostLevels = 256
/** Looks, at a name or into a folder, between which other work has its turn. */
const turnLooks = 500
const O_PATH = 0o10000000
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

const isSpecial = (entry: Dirent): boolean =>
  entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice()

/** A folder that is looked at, and those in it that are not yet. */
interface Level {
  readonly fd: number
  readonly path: string
  readonly folders: string[]
}

/**
 * Walks the folder. A lone file has nothing below it.
 * @throws BulkheadError `sandbox.invalid` when there is more than can be looked at
 */
export const lookOverFolder = async (folder: string, { writes, refuses }: FolderLook): Promise<FolderReport> => {
  const hidden: string[] = []
  let unwritable: string | undefined
  let seen = 0
  let looks = 0
  const look = async (): Promise<void> => {
    if (++looks % turnLooks === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  /** From the folder down to where the walk is: so many descriptors are open, and no more. */
  const levels: Level[] = []
  const lookAt = async ({ fd, path, folders }: Level): Promise<void> => {
    using names = opendirSync(`/proc/self/fd/${fd}`)
    for (let entry = names.readSync(); entry !== null; entry = names.readSync()) {
      if (++seen > mostEntries) throw tooMuch(`${folder} holds more than ${mostEntries} files`)
      await look()
      const inner = `${path}/${entry.name}`
      const unread = refuses({ name: 'filesystem.read', scope: inner })
      // Who can write around it could move it to where it is not hidden while the next process starts.
      if (writes && unread) unwritable ??= inner
      if (unread || isSpecial(entry)) {
        hidden.push(inner)
        continue
      }
      if (writes && unwritable === undefined && refuses({ name: 'filesystem.write', scope: inner })) unwritable = inner
      if (entry.isDirectory()) folders.push(entry.name)
    }
  }
  const enter = async (at: string, path: string): Promise<void> => {
    await look()
    const fd = openFolder(at)
    if (fd === undefined) return
    const level: Level = { fd, path, folders: [] }
    levels.push(level)
    if (levels.length > mostLevels) throw tooMuch(`${folder} has folders more than ${mostLevels} deep in each other`)
    await lookAt(level)
  }
  try {
    await enter(folder, folder)
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      const name = level.folders.pop()
      if (name !== undefined) await enter(`/proc/self/fd/${level.fd}/${name}`, `${level.path}/${name}`)
      else closeSync((levels.pop() ?? level).fd)
    }
    return { hidden, unwritable }
  } finally {
    for (const { fd } of levels) closeSync(fd)
  }
}

/** Undefined where there is no folder to look into. */
const openFolder = (at: string): number | undefined => {
  try {
    return openSync(at, folderFlags)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    // It is a file, or went, or became a link meanwhile; what the host cannot open, the program cannot either.
    if (code !== 'ENOTDIR' && code !== 'ENOENT' && code !== 'ELOOP' && code !== 'EACCES') throw thrown
    return undefined
  }
}

const tooMuch = (what: string): BulkheadError =>
  new BulkheadError('sandbox.invalid', `${what}, too much to look over before a program is shown it`, {
    hint: 'Ask for and grant the folders below it that the plugin needs.',
  })
