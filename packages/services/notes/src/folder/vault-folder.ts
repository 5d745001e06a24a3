// The files of a vault, synchronously, for its thread. Folders are walked one name at a time by their descriptors and no link
// is followed, so that nobody who can write in the vault leads a read or a write out of it. It asks no permission and knows
// nothing of what notes mean.

import {
  closeSync,
  constants,
  type Dirent,
  fchmodSync,
  fstatSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { nameOf } from '../markdown/note-path.ts'
import { noteFailure } from './note-failure.ts'

const { O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants
/** Linux, where a name is reached through the descriptor of its folder; elsewhere through a path that was checked before. */
const hasDescriptorPaths = process.platform === 'linux'

/** A temporary file of a write; one that is there while nobody writes is left over from a process that died. */
export const temporaryName = /^\.bulkhead-note-[0-9a-f]{24}\.tmp$/

/** A folder of the vault, held open. */
export interface OpenFolder {
  /** A path to the name in this very folder, for one system call. */
  at(name: string): string
  readonly fd: number
}

/** What a file holds, and when it was as it is. */
export interface NoteFile {
  readonly bytes: Uint8Array
  readonly stats: Stats
}

/** See the file's head. */
export class VaultFolder implements Disposable {
  /** Real path. */
  readonly path: string
  readonly #root: number
  readonly #excluded: readonly { readonly dev: number; readonly ino: number }[]

  /** `excluded` are folders that are none of the vault's even if they lie in it. Rejects what is no folder with the system's error. */
  constructor(path: string, excluded: readonly string[]) {
    this.path = path
    this.#root = openSync(path, O_RDONLY | O_DIRECTORY)
    this.#excluded = excluded.flatMap((each) => {
      const stats = lstatSync(each, { throwIfNoEntry: false })
      return stats === undefined ? [] : [{ dev: stats.dev, ino: stats.ino }]
    })
  }

  [Symbol.dispose](): void {
    closeSync(this.#root)
  }

  /** Opens the folder for the time of `use`. @throws system errors, `ENOENT`, `ENOTDIR` and `ELOOP` among them */
  within<T>(folder: string, use: (open: OpenFolder) => T, make = false): T {
    let open: OpenFolder = this.#opened(this.#root, this.path)
    let path = this.path
    try {
      for (const name of folder === '' ? [] : folder.split('/')) {
        const next = this.#step(open, name, make)
        path = join(path, name)
        if (open.fd !== this.#root) closeSync(open.fd)
        open = this.#opened(next, path)
      }
      return use(open)
    } finally {
      if (open.fd !== this.#root) closeSync(open.fd)
    }
  }

  #opened(fd: number, path: string): OpenFolder {
    return { fd, at: (name) => (hasDescriptorPaths ? `/proc/self/fd/${fd}/${name}` : join(path, name)) }
  }

  #step(open: OpenFolder, name: string, make: boolean): number {
    requireName(name)
    const flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
    let fd: number
    try {
      fd = openSync(open.at(name), flags)
    } catch (error) {
      if (!make || (error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
      try {
        mkdirSync(open.at(name))
        fsyncSync(open.fd)
      } catch (failure) {
        if ((failure as NodeJS.ErrnoException).code !== 'EEXIST') throw failure
      }
      fd = openSync(open.at(name), flags)
    }
    try {
      const { dev, ino } = fstatSync(fd)
      if (this.#excluded.some((each) => each.dev === dev && each.ino === ino)) throw systemError('ENOENT')
      // Without descriptor paths a folder may have been swapped since: what is left is a race of another local program.
      if (!hasDescriptorPaths && realpathSync(open.at(name)) !== open.at(name)) throw systemError('ELOOP')
    } catch (error) {
      closeSync(fd)
      throw error
    }
    return fd
  }

  /** Names in a folder; none when it is not there. */
  list(folder: string): readonly Dirent[] {
    try {
      return this.within(folder, (open) =>
        readdirSync(hasDescriptorPaths ? open.at('.') : open.at(''), { withFileTypes: true }),
      )
    } catch (error) {
      if (isAbsence(error)) return []
      throw error
    }
  }

  /** The entry itself; undefined when there is none. */
  stat(path: string): Stats | undefined {
    return this.stats(folderPart(path), [nameOf(path)])[0]
  }

  /** The entries of one folder, each as {@link stat} has it, on one way to the folder. */
  stats(folder: string, names: readonly string[]): readonly (Stats | undefined)[] {
    try {
      return this.within(folder, (open) => {
        names.forEach(requireName)
        return names.map((name) => lstatSync(open.at(name), { throwIfNoEntry: false }))
      })
    } catch (error) {
      if (isAbsence(error)) return names.map(() => undefined)
      throw error
    }
  }

  /** The whole file; undefined when there is none. @throws NoteFailure `too-large`, or when it is no regular file */
  read(path: string, maxBytes: number): NoteFile | undefined {
    try {
      return this.within(folderPart(path), (open) => readIn(open, path, maxBytes))
    } catch (error) {
      if (isAbsence(error)) return undefined
      throw error
    }
  }

  /**
   * Puts the content in the place of whatever file is there, durable when it returns: readers and crashes see the old file or
   * the new one. With `isNew` nothing is replaced (`EEXIST`). `check` is asked at the last moment and may throw.
   */
  write(path: string, bytes: Uint8Array, options: { readonly isNew: boolean; check?(open: OpenFolder): void }): Stats {
    return this.within(
      folderPart(path),
      (open) => {
        const name = leafOf(path)
        const old = lstatSync(open.at(name), { throwIfNoEntry: false })
        if (old !== undefined && !old.isFile()) throw noteFailure('not-regular', path)
        const temporary = open.at(`.bulkhead-note-${randomBytes(12).toString('hex')}.tmp`)
        const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o666)
        try {
          try {
            for (let at = 0; at < bytes.byteLength; ) at += writeSync(fd, bytes, at)
            if (old !== undefined) fchmodSync(fd, old.mode & 0o777)
            fsyncSync(fd)
          } finally {
            closeSync(fd)
          }
          options.check?.(open)
          if (options.isNew) {
            // A link, unlike a rename, never replaces what is there.
            linkSync(temporary, open.at(name))
            unlinkSync(temporary)
          } else renameSync(temporary, open.at(name))
        } catch (error) {
          tryUnlink(temporary)
          throw error
        }
        fsyncSync(open.fd)
        return lstatSync(open.at(name))
      },
      true,
    )
  }

  /** Moves a note, durable when it returns, and never over another (`EEXIST`). */
  move(from: string, to: string): void {
    this.within(folderPart(from), (source) =>
      this.within(
        folderPart(to),
        (target) => {
          const [old, made] = [source.at(leafOf(from)), target.at(leafOf(to))]
          linkSync(old, made)
          try {
            fsyncSync(target.fd)
            // Another program may have saved a new file under the old name meanwhile, which is none of what was moved.
            if (lstatSync(old, { throwIfNoEntry: false })?.ino === lstatSync(made).ino) unlinkSync(old)
          } catch (error) {
            // Under the old name it stays whatever becomes of this one.
            tryUnlink(made)
            throw error
          }
          fsyncSync(source.fd)
        },
        true,
      ),
    )
  }

  /** Removes a file; one that is gone is no error. */
  remove(path: string): void {
    try {
      this.within(folderPart(path), (open) => {
        unlinkSync(open.at(leafOf(path)))
        fsyncSync(open.fd)
      })
    } catch (error) {
      if (!isAbsence(error)) throw error
    }
  }
}

const folderPart = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

/** Paths also come from the index and the journal, which anything may have damaged: none leads out of its folder. */
const requireName = (name: string): void => {
  if (name === '' || name === '.' || name === '..' || name.includes('\0')) throw systemError('ENOENT')
}

const leafOf = (path: string): string => {
  const name = nameOf(path)
  requireName(name)
  return name
}

const systemError = (code: string): Error => Object.assign(new Error(code), { code })

const isAbsence = (error: unknown): boolean =>
  ['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')

const tryUnlink = (path: string): void => {
  try {
    unlinkSync(path)
  } catch {
    // The first error tells more.
  }
}

const readIn = (open: OpenFolder, path: string, maxBytes: number): NoteFile => {
  const name = leafOf(path)
  // Looked at first: opening a pipe or a device may do something.
  if (!lstatSync(open.at(name)).isFile()) throw noteFailure('not-regular', path)
  const fd = openSync(open.at(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
  try {
    const stats = fstatSync(fd)
    if (!stats.isFile()) throw noteFailure('not-regular', path)
    if (stats.size > maxBytes) throw noteFailure('too-large', path)
    // One byte more than it says it has, so that growth is seen.
    let buffer = new Uint8Array(stats.size + 1)
    let length = 0
    for (;;) {
      const count = readSync(fd, buffer, length, buffer.byteLength - length, null)
      if (count === 0) return { bytes: buffer.subarray(0, length), stats }
      length += count
      if (length > maxBytes) throw noteFailure('too-large', path)
      if (length < buffer.byteLength) continue
      const larger = new Uint8Array(Math.min(length * 2, maxBytes) + 1)
      larger.set(buffer)
      buffer = larger
    }
  } finally {
    closeSync(fd)
  }
}
