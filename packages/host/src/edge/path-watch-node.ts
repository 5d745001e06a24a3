// Tells that something at a path changed, whether a folder with all below it or a lone file, and never what: whoever is told
// looks. The kernel tells; nothing is asked in turns, so what does not change costs nothing. Follows no links, reads no file.

import { type FSWatcher, watch } from 'node:fs'
import { lstat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { asBulkheadError, BulkheadError } from '@bulkhead/kernel'
import { listFilesBelow } from './files-below-node.ts'

/** Each takes a watch of the kernel, of which a user has a certain number. */
const maxFolders = 500
/** Looks at a folder in which more appears each time; whatever comes after that has a watch above it. */
const mostLooks = 10
const fewerFolders = 'Keep in the folder what the plugin needs to run, and nothing else.'

interface WatchedFolder extends Disposable {
  /** Which folder it is, whatever its path: one in the place of another is watched anew. */
  readonly identity: string
}

/** See the file's head. Its watches keep no process alive. */
export class PathWatch implements Disposable {
  readonly #path: string
  readonly #changed: () => void
  readonly #watched = new Map<string, WatchedFolder>()
  #isClosed = false

  /** Nothing is watched before the first {@link refresh}. */
  constructor(path: string, changed: () => void) {
    this.#path = path
    this.#changed = changed
  }

  /**
   * Watches the folders that are there now. To be called after each change, before whatever changed is looked at.
   * @throws BulkheadError `artifact.too-large` for more folders than can be watched, `fs.failed` when the system watches no more
   */
  async refresh(): Promise<void> {
    // What came into a folder between the look at it and the watch on it, nobody is told of: it is looked at again.
    for (let look = 0; look < mostLooks; look++) if (!(await this.#look())) return
  }

  /** Answers whether it found a folder to watch. */
  async #look(): Promise<boolean> {
    const parent = dirname(this.#path)
    // What stands in a folder that is replaced as a whole is told of by the folder above.
    const folders = [parent, ...(await this.#folders())]
    const identities = await Promise.all(folders.map(identityOf))
    if (this.#isClosed) return false
    let hasFound = false
    for (const [path, watched] of this.#watched) {
      if (identities[folders.indexOf(path)] === watched.identity) continue
      watched[Symbol.dispose]()
      this.#watched.delete(path)
    }
    for (const [index, path] of folders.entries()) {
      const identity = identities[index]
      if (identity === undefined || this.#watched.has(path)) continue
      this.#watched.set(path, this.#watch(path, identity, path === parent ? basename(this.#path) : undefined))
      hasFound = true
    }
    return hasFound
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    for (const watched of this.#watched.values()) watched[Symbol.dispose]()
    this.#watched.clear()
  }

  async #folders(): Promise<readonly string[]> {
    const isFolder = await lstat(this.#path).then(
      (stats) => stats.isDirectory(),
      () => false,
    )
    if (!isFolder) return []
    const folders = [this.#path]
    await listFilesBelow(this.#path, {
      maxFiles: 0,
      what: 'files',
      hint: fewerFolders,
      takes: () => false,
      skips: (entry) => {
        if (entry.name === '.git') return true
        folders.push(join(entry.parentPath, entry.name))
        if (folders.length <= maxFolders) return false
        throw new BulkheadError('artifact.too-large', `${this.#path} holds more than ${maxFolders} folders to watch`, {
          hint: fewerFolders,
        })
      },
    })
    return folders
  }

  #watch(path: string, identity: string, only: string | undefined): WatchedFolder {
    let watcher: FSWatcher
    try {
      watcher = watch(path, { persistent: false }, (_event, name) => {
        if (only === undefined || name === null || name === only) this.#changed()
      })
    } catch (cause) {
      throw new BulkheadError('fs.failed', `${path} cannot be watched: ${asBulkheadError(cause).message}`, {
        hint: 'The system may watch no more for this user: raise fs.inotify.max_user_watches.',
        cause,
      })
    }
    // A folder that is gone: what comes in its place is looked for.
    watcher.on('error', () => this.#changed())
    return { identity, [Symbol.dispose]: () => watcher.close() }
  }
}

const identityOf = (path: string): Promise<string | undefined> =>
  lstat(path).then(
    (stats) => (stats.isDirectory() ? `${stats.dev}:${stats.ino}` : undefined),
    () => undefined,
  )
