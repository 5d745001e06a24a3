// The index of one vault, kept to what lies in its folder: opened, scanned, watched, made anew when it is damaged. Slices of its
// own work are short, so that questions are answered in between.

import { NoteFailure } from '../folder/note-failure.ts'
import type { VaultFolder } from '../folder/vault-folder.ts'
import type { VaultLock } from '../folder/vault-lock.ts'
import { IndexDatabase, isDamage, removeDatabase } from '../index/database.ts'
import { LinkQueries } from '../index/link-queries.ts'
import { ListQueries } from '../index/list-queries.ts'
import { NoteIndex } from '../index/note-index.ts'
import { NoteSearch } from '../index/search.ts'
import { VectorTable } from '../index/vector-table.ts'
import { isNoteName, pathFault } from '../markdown/note-path.ts'
import type { ThreadData } from '../wire.ts'
import { scanFolder, type ScanPowers, syncFile } from './folder-scan.ts'
import { FolderWatch } from './folder-watch.ts'
import { PassageEmbedding } from './passage-embedding.ts'

/** Time of one slice of work, ms: between two of them questions are answered. */
const sliceMs = 15
/** The same as long as there is nothing that could be answered. */
const firstSliceMs = 150

/** What the index works with. */
export interface OpenIndexPowers {
  readonly data: ThreadData
  readonly folder: VaultFolder
  readonly lock: VaultLock
  embed(id: number, texts: readonly string[]): void
  /** There is work to do. */
  wake(): void
}

interface Parts {
  readonly database: IndexDatabase
  readonly index: NoteIndex
  readonly lists: ListQueries
  readonly links: LinkQueries
  readonly search: NoteSearch
  readonly embedding: PassageEmbedding | undefined
}

/** See the file's head. */
export class OpenIndex implements Disposable {
  readonly #powers: OpenIndexPowers
  readonly #watch: FolderWatch
  readonly #dirty = new Set<string>()
  #parts: Parts
  #scan: Generator<void> | undefined
  #isScanOfAll = false
  /** When the last look over the whole folder began; undefined before the first one has ended. */
  #scannedMs: number | undefined
  #startedMs = 0
  /** Somebody died in the middle of a scan. */
  #wasUnfinished = false

  constructor(powers: OpenIndexPowers) {
    this.#powers = powers
    this.#watch = new FolderWatch(powers.data.folder, (path) => {
      this.#dirty.add(path)
      powers.wake()
    })
    this.#parts = this.#open()
    try {
      this.#startScan()
    } catch (error) {
      this[Symbol.dispose]()
      throw error
    }
  }

  get database(): IndexDatabase {
    return this.#parts.database
  }
  get lists(): ListQueries {
    return this.#parts.lists
  }
  get links(): LinkQueries {
    return this.#parts.links
  }
  get search(): NoteSearch {
    return this.#parts.search
  }
  get isWatched(): boolean {
    return this.#watch.isComplete
  }

  /** Whether it shows the folder. `isWhole`: as it was when somebody last told of a change, or not long ago. */
  isReady(isWhole: boolean): boolean {
    if (this.#scannedMs === undefined) return false
    const age = performance.now() - this.#scannedMs
    if (age > (this.#watch.isComplete ? this.#powers.data.rescanMs : Math.min(2000, this.#powers.data.rescanMs)))
      this.#startScan()
    return !isWhole || this.#watch.isComplete || this.#scan === undefined
  }

  /** A slice of work; whether there is more. */
  work(): boolean {
    return this.guard(() => {
      this.#takeDirty()
      if (this.#scan !== undefined) this.#step(this.#scan)
      this.#parts.embedding?.start()
      return this.#scan !== undefined || this.#dirty.size > 0
    })
  }

  /** Takes vectors that the host made. */
  receive(id: number, data: Float32Array | null): void {
    this.guard(() => this.#parts.embedding?.receive(id, data))
  }

  /** Runs `act`; on a damaged index it is made anew, and `act` runs on that once it has been filled. */
  guard<T>(act: () => T): T {
    try {
      return act()
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#remake()
      this.#finishScan()
      return act()
    }
  }

  /** Brings single files into the index now; what fails is made up for by the next scan. */
  sync(paths: readonly string[]): void {
    try {
      const { database, index, embedding } = this.#parts
      database.transact(() => {
        for (const path of paths) {
          if (pathFault(path) === undefined && isNoteName(path)) syncFile(this.#scanPowers(), path)
        }
        index.settle()
      })
      embedding?.start(true)
    } catch (error) {
      if (!isDamage(error)) return this.#startScan()
      // What was done to the notes is done; the index follows.
      this.#remake()
      this.#finishScan()
    }
  }

  [Symbol.dispose](): void {
    this.#watch[Symbol.dispose]()
    this.#parts.database[Symbol.dispose]()
  }

  #open(): Parts {
    const { data } = this.#powers
    const file = `${data.state}.${data.model === null ? 'plain' : modelPart(data.model)}.sqlite`
    const database = this.#openDatabase(file)
    const vectors = data.model === null ? undefined : new VectorTable(database, data.model.dimensions)
    const { folder, embed } = this.#powers
    return {
      database,
      index: new NoteIndex(database),
      lists: new ListQueries(database),
      links: new LinkQueries(database),
      search: new NoteSearch(database, vectors),
      embedding:
        vectors === undefined || data.model === null
          ? undefined
          : new PassageEmbedding({
              folder,
              database,
              vectors,
              dimensions: data.model.dimensions,
              maxNoteBytes: data.maxNoteBytes,
              send: embed,
            }),
    }
  }

  #openDatabase(file: string): IndexDatabase {
    const open = (): IndexDatabase => {
      const database = new IndexDatabase(file, this.#powers.data.busyTimeoutMs)
      try {
        this.#wasUnfinished = database.get("SELECT 1 FROM setting WHERE name = 'scan'") !== undefined
        return database
      } catch (error) {
        database[Symbol.dispose]()
        throw error
      }
    }
    try {
      return open()
    } catch (error) {
      if (!isDamage(error)) throw error
      removeDatabase(file)
      return open()
    }
  }

  #remake(): void {
    const { data } = this.#powers
    this.#parts.database[Symbol.dispose]()
    removeDatabase(`${data.state}.${data.model === null ? 'plain' : modelPart(data.model)}.sqlite`)
    this.#parts = this.#open()
    this.#scannedMs = undefined
    this.#scan = undefined
    this.#startScan()
  }

  #scanPowers(): ScanPowers {
    const { folder, lock, data } = this.#powers
    return {
      folder,
      database: this.#parts.database,
      index: this.#parts.index,
      maxNoteBytes: data.maxNoteBytes,
      visited: (path) => this.#watch.add(path),
      leftOver: (path) => {
        try {
          // Under the lock nobody writes: the file is nobody's.
          lock.hold(() => folder.remove(path))
        } catch (error) {
          if (!(error instanceof NoteFailure && error.kind === 'busy')) throw error
        }
      },
    }
  }

  #startScan(part = ''): void {
    if (this.#scan !== undefined && this.#isScanOfAll) return
    this.#isScanOfAll = part === ''
    if (this.#isScanOfAll) this.#startedMs = performance.now()
    try {
      // Whoever finds this set knows that links may be left unresolved.
      const { database } = this.#parts
      database.transact(() =>
        database.run("INSERT OR REPLACE INTO setting (name, value) VALUES ('scan', 'unfinished')"),
      )
    } catch (error) {
      if (!isDamage(error)) throw error
      return this.#remake()
    }
    this.#scan = scanFolder(this.#scanPowers(), part)
    this.#powers.wake()
  }

  #step(scan: Generator<void>): void {
    const { database, index } = this.#parts
    const endsAt = performance.now() + (this.#scannedMs === undefined ? firstSliceMs : sliceMs)
    database.transact(() => {
      while (performance.now() < endsAt) {
        if (scan.next().done !== true) continue
        this.#endScan(index)
        return
      }
    })
  }

  #endScan(index: NoteIndex): void {
    const { database, embedding } = this.#parts
    if (this.#scannedMs === undefined && this.#wasUnfinished) index.settleAll()
    index.settle()
    database.run("DELETE FROM setting WHERE name = 'scan'")
    this.#scan = undefined
    if (this.#isScanOfAll) this.#scannedMs = this.#startedMs
    this.#isScanOfAll = false
    embedding?.start(true)
  }

  #finishScan(): void {
    while (this.#scan !== undefined) this.#step(this.#scan)
  }

  #takeDirty(): void {
    if (this.#dirty.size === 0 || this.#scannedMs === undefined) return
    const paths = [...this.#dirty]
    this.#dirty.clear()
    const files = paths.filter((path) => isNoteName(path))
    if (files.length > 0) this.sync(files)
    // Anything else may be a folder that came, went or was moved.
    for (const path of paths) {
      if (isNoteName(path) || (path !== '' && pathFault(path) !== undefined)) continue
      const isFolder = this.#powers.folder.stat(path)?.isDirectory() === true
      if (isFolder || this.#watch.has(path)) this.#startScan(this.#scan === undefined ? path : '')
    }
  }
}

/** Vectors of different models are not comparable: each model has an index of its own. */
const modelPart = ({ id, dimensions }: { readonly id: string; readonly dimensions: number }): string =>
  `${id.replace(/[^A-Za-z0-9._-]/g, '_').slice(0, 60)}-${dimensions}`
