// Hears of changes in the folders of a vault. The system tells of names, never of contents: whoever is told looks. What cannot be
// watched is said, so that it is looked over more often instead. Watches keep no process alive.

import { type FSWatcher, lstatSync, watch } from 'node:fs'
import { join } from 'node:path'

/** Each takes a watch of the kernel, of which a user has a certain number. */
const maxWatched = 8192

interface Watched {
  readonly watcher: FSWatcher
  readonly ino: number
}

/** See the file's head. */
export class FolderWatch implements Disposable {
  readonly #root: string
  readonly #changed: (path: string) => void
  readonly #watched = new Map<string, Watched>()
  #isComplete = true

  /** `changed` gets the path of what changed within the vault; that of a folder when its name is not known. */
  constructor(root: string, changed: (path: string) => void) {
    this.#root = root
    this.#changed = changed
  }

  /** Whether every folder that was named is watched. */
  get isComplete(): boolean {
    return this.#isComplete
  }

  /** Watches a folder of the vault, not what lies in its folders. One that stands in the place of another is watched anew. */
  add(folder: string): void {
    const path = join(this.#root, folder)
    const stats = lstatSync(path, { throwIfNoEntry: false })
    const known = this.#watched.get(folder)
    if (known !== undefined && known.ino === stats?.ino) return
    this.#drop(folder)
    if (stats?.isDirectory() !== true) return
    if (this.#watched.size >= maxWatched) {
      this.#isComplete = false
      return
    }
    try {
      const watcher = watch(path, { persistent: false }, (_event, name) => {
        this.#changed(name === null ? folder : folder === '' ? name : `${folder}/${name}`)
      })
      watcher.on('error', () => this.#drop(folder))
      this.#watched.set(folder, { watcher, ino: stats.ino })
    } catch {
      // The system watches no more for this user (fs.inotify.max_user_watches).
      this.#isComplete = false
    }
  }

  /** Whether the path is a folder that is watched. */
  has(folder: string): boolean {
    return this.#watched.has(folder)
  }

  #drop(folder: string): void {
    this.#watched.get(folder)?.watcher.close()
    this.#watched.delete(folder)
  }

  [Symbol.dispose](): void {
    for (const folder of this.#watched.keys()) this.#drop(folder)
  }
}
