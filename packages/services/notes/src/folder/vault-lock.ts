// The lock on a vault: one writer at a time among all processes that share a state folder. It is a lock of SQLite's on an empty
// database, which the system takes back when its process dies, however it dies.

import { DatabaseSync } from 'node:sqlite'
import { noteFailure } from './note-failure.ts'

/** See the file's head. */
export class VaultLock implements Disposable {
  readonly #database: DatabaseSync

  constructor(file: string, timeoutMs: number) {
    this.#database = new DatabaseSync(file, { timeout: timeoutMs, allowExtension: false })
  }

  /** Runs `act` while nobody else writes. @throws NoteFailure `busy` when somebody does for too long */
  hold<T>(act: () => T): T {
    try {
      // Nothing is ever written under it, so no journal comes into being, and nothing can be damaged.
      this.#database.exec('BEGIN IMMEDIATE')
    } catch (error) {
      const { errcode } = error as { errcode?: number }
      if (errcode !== undefined && (errcode & 0xff) === 5) throw noteFailure('busy', '')
      throw error
    }
    try {
      return act()
    } finally {
      this.#database.exec('ROLLBACK')
    }
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }
}
