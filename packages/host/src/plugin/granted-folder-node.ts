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
/** Folders in each other: each takes a descriptor of this process while what is in it is looked at. */
const mostDepth = 100
/** Looks, at a name or into a folder, between which other work has its turn. */
const turnLooks = 500
const O_PATH = 0o10000000
const folderFlags = O_PATH | constants.O_DIRECTORY | constants.O_NOFOLLOW

const isSpecial = (entry: Dirent<Buffer>): boolean =>
  entry.isFIFO() || entry.isSocket() || entry.isBlockDevice() || entry.isCharacterDevice()

/** Opens a folder; `undefined` when it is none. */
const openFolder = (path: string | Buffer): number | undefined => {
  try {
    return openSync(path, folderFlags)
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    // It is a file, or went, or became a link meanwhile; what the host cannot open, the program cannot either.
    if (code === 'ENOTDIR' || code === 'ENOENT' || code === 'ELOOP' || code === 'EACCES') return undefined
    throw thrown
  }
}

/** Its names, as the bytes that they are. */
const entriesOf = function* (fd: number): Generator<Dirent<Buffer>> {
  using names = opendirSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' as BufferEncoding })
  for (let entry = names.readSync(); entry !== null; entry = names.readSync()) yield entry as unknown as Dirent<Buffer>
}

/** A place on the way down. */
interface Place {
  /** As text. A name that is no UTF-8 is not told by it, and nothing below such a name is. */
  readonly path: string
  readonly exact: boolean
  readonly depth: number
}

const below = ({ path, exact, depth }: Place, name: Buffer): Place => {
  const text = name.toString()
  return { path: `${path}/${text}`, exact: exact && Buffer.from(text).equals(name), depth: depth + 1 }
}

/**
 * Walks the folder. A lone file has nothing below it.
 * @throws BulkheadError `sandbox.invalid` when there is more than can be looked at, or something to hide that no text names
 */
export const lookOverFolder = async (folder: string, { writes, refuses }: FolderLook): Promise<FolderReport> => {
  const hidden: string[] = []
  let unwritable: string | undefined
  let seen = 0
  let looks = 0
  const takeTurn = async (): Promise<void> => {
    if (++looks % turnLooks === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  /** Whether it is a folder to go into. */
  const look = (entry: Dirent<Buffer>, place: Place): boolean => {
    const { path: inner, exact } = below(place, entry.name)
    const unread = refuses({ name: 'filesystem.read', scope: inner })
    // Who can write around it could move it to where it is not hidden while the next process starts.
    if (writes && unread) unwritable ??= inner
    if (unread || isSpecial(entry)) {
      if (!exact) throw notToName(inner)
      hidden.push(inner)
      return false
    }
    if (writes && unwritable === undefined && refuses({ name: 'filesystem.write', scope: inner })) unwritable = inner
    return entry.isDirectory()
  }
  const walk = async (place: Place & { readonly fd: number }): Promise<void> => {
    const { fd } = place
    try {
      if (place.depth > mostDepth) throw tooMuch(folder, `folders more than ${mostDepth} deep in each other`)
      const within: Buffer[] = []
      for (const entry of entriesOf(fd)) {
        if (++seen > mostEntries) throw tooMuch(folder, `more than ${mostEntries} files`)
        await takeTurn()
        if (look(entry, place)) within.push(entry.name)
      }
      for (const name of within) {
        await takeTurn()
        const next = openFolder(Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), name]))
        if (next !== undefined) await walk({ ...below(place, name), fd: next })
      }
    } finally {
      closeSync(fd)
    }
  }
  const fd = openFolder(folder)
  if (fd !== undefined) await walk({ fd, path: folder, exact: true, depth: 0 })
  return { hidden, unwritable }
}

const tooMuch = (folder: string, what: string): BulkheadError =>
  new BulkheadError(
    'sandbox.invalid',
    `${folder} holds ${what}, too many to look over before a program is shown them`,
    { hint: 'Ask for and grant the folders below it that the plugin needs.' },
  )

const notToName = (path: string): BulkheadError =>
  new BulkheadError(
    'sandbox.invalid',
    `${path} is not to be shown to a program and cannot be hidden, since its name or that of a folder above it is no UTF-8`,
    { hint: 'Rename it, or grant a folder in which it is not.' },
  )
