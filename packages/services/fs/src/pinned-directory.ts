// A folder held open, and names inside it that cannot be led astray: on Linux a path through /proc/self/fd reaches the
// very folder that was opened, wherever it has been moved or whatever now stands in its place. Knows nothing of
// permissions.

import { close, closeSync, constants, type Dirent, fstat, open, opendir, readlink, type Stats } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { promisify } from 'node:util'

const openAsync = promisify(open)
const closeAsync = promisify(close)
const fstatAsync = promisify(fstat)
const opendirAsync = promisify(opendir)
const readlinkAsync = promisify(readlink)

/** Linux, where names are reached through descriptors. Elsewhere see {@link PinnedDirectory.verify}. */
export const hasDescriptorPaths = process.platform === 'linux'

/** Closing an O_PATH descriptor does no I/O, so it is done on the spot; another one may have something to flush. */
const closePath = async (fd: number): Promise<void> => {
  if (hasDescriptorPaths) closeSync(fd)
  else await closeAsync(fd)
}

/** O_PATH of asm-generic and of every Linux that Node runs on: names the object, opens nothing, has no side effects. */
const O_PATH = hasDescriptorPaths ? 0o10000000 : 0
const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants

/** An open folder. Dispose it. */
export class PinnedDirectory implements AsyncDisposable {
  readonly #fd: number
  /** The way that was walked; the physical path as long as nobody moves a folder. */
  readonly path: string
  #closed = false

  private constructor(fd: number, path: string) {
    this.#fd = fd
    this.path = path
  }

  /** Opens `/`. */
  static async openRoot(): Promise<PinnedDirectory> {
    return new PinnedDirectory(await openAsync('/', O_PATH | O_DIRECTORY | O_RDONLY), '/')
  }

  /** A path to the name inside this very folder, for one system call that does not follow a last link. */
  at(name: string): string {
    return hasDescriptorPaths ? `/proc/self/fd/${this.#fd}/${name}` : this.#join(name)
  }

  /** A path to this very folder. */
  get self(): string {
    return hasDescriptorPaths ? `/proc/self/fd/${this.#fd}` : this.path
  }

  #join(name: string): string {
    return this.path === '/' ? `/${name}` : `${this.path}/${name}`
  }

  /** Opens a folder in this one; rejects with `ENOTDIR` or `ELOOP` for a link, `ENOENT` when there is none. */
  async openDirectory(name: string): Promise<PinnedDirectory> {
    const fd = await openAsync(this.at(name), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_RDONLY)
    const opened = new PinnedDirectory(fd, this.#join(name))
    try {
      await opened.verify()
      return opened
    } catch (error) {
      await opened[Symbol.asyncDispose]()
      throw error
    }
  }

  /** The target when the name is a link, else undefined. */
  async readLink(name: string): Promise<string | undefined> {
    try {
      return await readlinkAsync(this.at(name))
    } catch (error) {
      if (['EINVAL', 'UNKNOWN', 'ENOENT'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
      throw error
    }
  }

  /**
   * Opens what the name stands for without touching it, so that a pipe or a device is seen before it is opened. The
   * descriptor is closed with `use`. Rejects with `ELOOP` for a link where descriptors cannot name one.
   */
  async pin<T>(name: string, use: (pinned: PinnedEntry) => Promise<T>): Promise<T> {
    const fd = await openAsync(this.at(name), O_PATH | O_NOFOLLOW | O_NONBLOCK | O_RDONLY)
    try {
      await this.verify()
      return await use(new PinnedEntry(fd, await fstatAsync(fd)))
    } finally {
      await closePath(fd)
    }
  }

  /** The first `max` entries, and whether there are more. */
  async list(max: number): Promise<{ entries: Dirent[]; more: boolean }> {
    const directory = await opendirAsync(this.self)
    const entries: Dirent[] = []
    try {
      for (;;) {
        const entry = await directory.read()
        if (entry === null) return { entries, more: false }
        if (entries.length === max) return { entries, more: true }
        entries.push(entry)
      }
    } finally {
      await directory.close()
    }
  }

  /**
   * Where names are plain paths (not Linux), checks that the path still leads to this folder. Between this check and
   * the next system call a race remains: that is the weaker promise on those systems. It takes another local program
   * that may write in the granted folder; a plugin has no function that makes a link or moves a folder.
   */
  async verify(): Promise<void> {
    if (hasDescriptorPaths) return
    const [mine, there, real] = await Promise.all([fstatAsync(this.#fd), stat(this.path), realpath(this.path)])
    if (mine.dev !== there.dev || mine.ino !== there.ino || real !== this.path) {
      throw Object.assign(new Error('the folder was moved'), { code: 'ESTALE' })
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await closePath(this.#fd)
  }
}

/** An object that was looked at but not opened. */
export class PinnedEntry {
  readonly #fd: number
  readonly stats: Stats

  constructor(fd: number, stats: Stats) {
    this.#fd = fd
    this.stats = stats
  }

  /** Opens this very object with other flags; the caller closes the descriptor. */
  async reopen(flags: number, path: string): Promise<number> {
    const fd = await openAsync(
      hasDescriptorPaths ? `/proc/self/fd/${this.#fd}` : path,
      flags | O_NONBLOCK | (hasDescriptorPaths ? 0 : O_NOFOLLOW),
    )
    if (hasDescriptorPaths) return fd
    const opened = await fstatAsync(fd)
    if (opened.dev === this.stats.dev && opened.ino === this.stats.ino) return fd
    await closePath(fd)
    throw Object.assign(new Error('the file was replaced'), { code: 'ESTALE' })
  }
}
