// Walks a permitted path one name at a time from the root, each folder held open, no link followed by the system. A
// link is read and resolved here, and where it leads is asked of the gate before a step is taken there. Nothing is
// opened for reading or writing.

import { mkdir, statfs } from 'node:fs/promises'
import { posix } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel'
import { errnoOf, notRegular } from './failure.ts'
import { hasDescriptorPaths, PinnedDirectory } from './pinned-directory.ts'

/** Where a walk ended. Dispose it. */
export interface Walked extends AsyncDisposable {
  /** The folder that holds the entry. */
  readonly parent: PinnedDirectory
  /** The entry's name in it; `.` when the path means the folder itself. */
  readonly name: string
  /** The real path of the entry. */
  readonly path: string
}

/** Options of {@link walkTo}. */
export interface WalkOptions {
  /** Asks the gate for a path behind a link. @throws BulkheadError `capability.denied` */
  allow(realPath: string): Promise<void>
  /** Whether a link in the last place is followed, or is itself what is meant. */
  readonly followLast: boolean
  readonly createFolders?: boolean
  readonly signal: AbortSignal
  /** For messages. */
  readonly what: string
}

/** As many as Linux allows in one path (path_resolution(7)). */
const maxLinks = 40
/** Deepest entry that is reached: each folder on the way is a descriptor, and a path of 4096 characters has 2048 of them. */
const maxDepth = 128

/** @throws BulkheadError `fs.not-found`, `fs.not-regular`, `fs.failed`, `capability.denied`; system errors as they are */
export const walkTo = async (path: string, options: WalkOptions): Promise<Walked> => {
  const stack = [await PinnedDirectory.openRoot()]
  let rest = namesOf(path)
  let links = 0
  let allowed = path
  const top = (): PinnedDirectory => stack.at(-1) as PinnedDirectory

  const follow = async (target: string): Promise<void> => {
    if (++links > maxLinks) throw new BulkheadError('fs.failed', `${options.what}: too many links`)
    allowed = posix.resolve(top().path, target, ...rest)
    await options.allow(allowed)
    if (target.startsWith('/')) await closeAll(stack.splice(1))
    rest = [...namesOf(target), ...rest]
  }

  try {
    for (;;) {
      options.signal.throwIfAborted()
      // Before the first step and after each link, so before any folder is made.
      if (stack.length + rest.length > maxDepth)
        throw new BulkheadError('fs.failed', `${options.what}: more than ${maxDepth} folders deep`)
      const name = rest.shift()
      if (name === '..') {
        // The folder above is the one that was walked through, not what the text says.
        if (stack.length > 1) await closeAll(stack.splice(-1))
        continue
      }
      const isLast = rest.length === 0
      const link = name === undefined || !isLast || !options.followLast ? undefined : await top().readLink(name)
      if (link !== undefined) {
        await follow(link)
      } else if (name === undefined || isLast) {
        const realPath = name === undefined ? top().path : posix.join(top().path, name)
        refusePseudo(realPath, options.what)
        if (realPath !== allowed) await options.allow(realPath)
        await refusePseudoMount(top(), options.what)
        const [parent] = stack.splice(-1) as [PinnedDirectory]
        return { parent, name: name ?? '.', path: realPath, [Symbol.asyncDispose]: () => closeAll([parent]) }
      } else {
        const next = await stepInto(top(), name, options)
        if (next instanceof PinnedDirectory) stack.push(next)
        else await follow(next.target)
        refusePseudo(top().path, options.what)
      }
    }
  } finally {
    await closeAll(stack)
  }
}

const namesOf = (path: string): string[] => path.split('/').filter((name) => name !== '' && name !== '.')

const closeAll = async (directories: readonly PinnedDirectory[]): Promise<void> => {
  for (const directory of directories) await directory[Symbol.asyncDispose]()
}

const stepInto = async (
  parent: PinnedDirectory,
  name: string,
  options: WalkOptions,
): Promise<PinnedDirectory | { target: string }> => {
  try {
    return await parent.openDirectory(name)
  } catch (error) {
    const reason = errnoOf(error)
    if (reason === 'ENOENT' && options.createFolders === true) {
      await mkdir(parent.at(name)).catch((failure: unknown) => {
        if (errnoOf(failure) !== 'EEXIST') throw failure
      })
      return parent.openDirectory(name)
    }
    if (reason !== 'ENOTDIR' && reason !== 'ELOOP') throw error
    const target = await parent.readLink(name)
    if (target === undefined) throw error
    return { target }
  }
}

/**
 * Kernel interfaces are not files, whatever is granted: /proc alone holds links (`self/root`, `self/fd/*`) that lead
 * past every check, and the environment of the host.
 */
const refusePseudo = (path: string, what: string): void => {
  if (/^\/(?:proc|sys|dev)(?:\/|$)/.test(path))
    throw notRegular(what, 'kernel interfaces (/proc, /sys, /dev) are not served')
}

/** statfs(2) types of the same interfaces when they are mounted elsewhere: proc, sysfs, cgroup (1, 2), debugfs, tracefs, securityfs, bpf, devpts. */
const pseudoTypes = new Set([
  0x9fa0, 0x62656572, 0x27e0eb, 0x63677270, 0x64626720, 0x74726163, 0x73636673, 0xcafe4a11, 0x1cd1,
])

const refusePseudoMount = async (directory: PinnedDirectory, what: string): Promise<void> => {
  if (!hasDescriptorPaths) return
  const { type } = await statfs(directory.self)
  if (pseudoTypes.has(type)) throw notRegular(what, 'kernel interfaces are not served')
}
