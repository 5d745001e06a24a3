// The lock on a vault: one writer at a time among all processes that share a state folder. It is a lock of SQLite's on an empty
// database, which the system takes back when its process dies, however it dies.

import { lstatSync, rmSync, truncateSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { noteFailure } from './note-failure.ts'
import { makePrivateFile } from './private-file.ts'

/** See the file's head. */
export class VaultLock implements Disposable {
  readonly #file: string
  readonly #database: DatabaseSync

  constructor(file: string, timeoutMs: number) {
    this.#file = file
    if (lstatSync(file, { throwIfNoEntry: false })?.isFile() === false) rmSync(file, { recursive: true })
    // They never come into being, and SQLite would obey those that somebody put there.
    for (const ending of ['-journal', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true, recursive: true })
    makePrivateFile(file)
    this.#database = new DatabaseSync(file, { timeout: timeoutMs, allowExtension: false })
  }

  /** Runs `act` while nobody else writes. @throws NoteFailure `busy` when somebody does for too long */
  hold<T>(act: () => T): T {
    try {
      this.#begin()
    } catch (error) {
      const code = ((error as { errcode?: number }).errcode ?? 0) & 0xff
      if (code === 5) throw noteFailure('busy', '')
      if (![1, 11, 26].includes(code)) throw error
      // Something was written into it. Emptied in place, it stays the file that others wait for.
      truncateSync(this.#file)
      this.#begin()
    }
    try {
      return act()
    } finally {
      this.#database.exec('ROLLBACK')
    }
  }

  /** Nothing is ever written under it, so no journal comes into being. */
  #begin(): void {
    this.#database.exec('BEGIN IMMEDIATE')
  }

  [Symbol.dispose](): void {
    this.#database.close()
  }
}
