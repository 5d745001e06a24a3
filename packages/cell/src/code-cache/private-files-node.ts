// Files that are one user's alone: read through a descriptor that was checked, written beside their place and moved into
// it in one step. Follows no link and trusts no file that somebody else could have written.

import { randomBytes } from 'node:crypto'
import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs'
import process from 'node:process'

// Windows has neither; there, folders of a user's profile are private by their access lists.
const noFollow = constants.O_NOFOLLOW ?? 0
const noBlock = constants.O_NONBLOCK ?? 0

/** The `code` of a system error. */
export const errnoOf = (thrown: unknown): string => (thrown as NodeJS.ErrnoException | undefined)?.code ?? 'unknown'

/** Whether it is ours and carries none of the mode bits. Where the system knows no owners, yes. */
const isOurs = ({ uid, mode }: Stats, without: number): boolean =>
  process.getuid === undefined || (uid === process.getuid() && (mode & without) === 0)

/** Makes the folder if need be. @throws Error when it is no folder, or others can look into it */
export const requirePrivateFolder = (path: string): void => {
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST') throw thrown
  }
  const found = lstatSync(path)
  if (!found.isDirectory()) throw new Error(`${path} is not a folder`)
  if (!isOurs(found, 0o077)) throw new Error(`${path} is not private to this user`)
}

/** How to read. */
export interface ReadOptions {
  readonly maxBytes: number
  /** Mode bits that the file must not carry; those of others' writing by default. */
  readonly without?: number
  /** A second name of the file may lie where others write; refused unless this is true. */
  readonly allowLinks?: boolean
  /** Marks the file as used now, unless it was marked within this time, ms. */
  readonly touchAfterMs?: number
}

/**
 * Reads a whole regular file of ours into bytes of its own. Undefined when it is not there, is something else, is longer
 * than `maxBytes`, has another owner, or grew shorter while it was read. What is checked is the open file, never its name.
 */
export const readPrivateFile = (path: string, options: ReadOptions): Uint8Array | undefined => {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | noFollow | noBlock)
  } catch {
    return undefined
  }
  try {
    const stats = fstatSync(fd)
    const usable =
      stats.isFile() &&
      isOurs(stats, options.without ?? 0o022) &&
      (options.allowLinks === true || stats.nlink === 1) &&
      stats.size <= options.maxBytes
    if (!usable) return undefined
    const bytes = new Uint8Array(stats.size)
    for (let at = 0; at < bytes.byteLength; ) {
      const read = readSync(fd, bytes, at, bytes.byteLength - at, null)
      if (read === 0) return undefined
      at += read
    }
    const now = nowMs()
    if (options.touchAfterMs !== undefined && Math.abs(now - stats.mtimeMs) > options.touchAfterMs) mark(fd, now)
    return bytes
  } catch {
    return undefined
  } finally {
    closeSync(fd)
  }
}

/** Suffix of files that are being written. */
export const temporarySuffix = '.tmp'

/** Writes a new file with the content beside `path`, then moves it there with `place` (a rename by default). */
export const placeFile = (
  path: string,
  content: Uint8Array,
  place: (temporary: string, path: string) => void = renameSync,
): void => {
  const temporary = `${path}.${randomBytes(8).toString('hex')}${temporarySuffix}`
  const fd = openSync(temporary, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | noFollow, 0o600)
  try {
    try {
      for (let at = 0; at < content.byteLength; ) at += writeSync(fd, content, at, content.byteLength - at)
      touch(fd, nowMs())
    } finally {
      closeSync(fd)
    }
    place(temporary, path)
  } catch (thrown) {
    unlinkQuietly(temporary)
    throw thrown
  }
}

/** Removes a name; one that is gone, or is a folder, is left. */
export const unlinkQuietly = (path: string): void => {
  try {
    unlinkSync(path)
  } catch {
    // Another process was faster, or somebody put a folder there: either way it is not in use.
  }
}

// Finer than the file system's own clock, whose ticks would make entries of one tick equally old.
const nowMs = (): number => performance.timeOrigin + performance.now()

/** A mark that cannot be made, where nothing can be written, does not make the bytes any worse. */
const mark = (fd: number, ms: number): void => {
  try {
    touch(fd, ms)
  } catch {}
}

const touch = (fd: number, ms: number): void => futimesSync(fd, ms / 1000, ms / 1000)
