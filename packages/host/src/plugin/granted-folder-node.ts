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
/** Names between which other work has its turn. */
const turnEntries = 2_000
const O_PATH = 0o10000000
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

const isSpecial = (entry: Dirent): boolean =>
  entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice()

/**
 * Walks the folder. A lone file has nothing below it.
 * @throws BulkheadError `sandbox.invalid` when there is more than can be looked at
 */
export const lookOverFolder = async (folder: string, { writes, refuses }: FolderLook): Promise<FolderReport> => {
  const hidden: string[] = []
  let unwritable: string | undefined
  let seen = 0
  const waiting: { readonly fd: number; readonly path: string }[] = []
  const open = (at: string, path: string): void => {
    try {
      waiting.push({ fd: openSync(at, folderFlags), path })
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException
      // It is a file, or went, or became a link meanwhile; what the host cannot open, the program cannot either.
      if (code !== 'ENOTDIR' && code !== 'ENOENT' && code !== 'ELOOP' && code !== 'EACCES') throw thrown
    }
  }
  try {
    open(folder, folder)
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { fd, path } = next
      try {
        using names = opendirSync(`/proc/self/fd/${fd}`)
        for (let entry = names.readSync(); entry !== null; entry = names.readSync()) {
          if (++seen > mostEntries) throw tooMuch(folder)
          if (seen % turnEntries === 0) await new Promise((resolve) => setImmediate(resolve))
          const inner = `${path}/${entry.name}`
          const unread = refuses({ name: 'filesystem.read', scope: inner })
          // Who can write around it could move it to where it is not hidden while the next process starts.
          if (writes && unread) unwritable ??= inner
          if (unread || isSpecial(entry)) {
            hidden.push(inner)
            continue
          }
          if (writes && unwritable === undefined && refuses({ name: 'filesystem.write', scope: inner }))
            unwritable = inner
          if (entry.isDirectory()) open(`/proc/self/fd/${fd}/${entry.name}`, inner)
        }
      } finally {
        closeSync(fd)
      }
    }
    return { hidden, unwritable }
  } finally {
    for (const { fd } of waiting) closeSync(fd)
  }
}

const tooMuch = (folder: string): BulkheadError =>
  new BulkheadError(
    'sandbox.invalid',
    `${folder} holds more than ${mostEntries} files, too many to look over before a program is shown them`,
    { hint: 'Ask for and grant the folders below it that the plugin needs.' },
  )
