// The index's database: opened, made anew when it is of another format, and its statements kept. The index is a cache of the
// folder: it may be thrown away at any time, and nothing is lost.

import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'

/** Any change of the tables, of what the scanner finds or of how text is made ready for search is a new format. */
const format = 2

// Names are folded (case, composition) where notes are looked up by them. `signature` is what the file system said of the
// file; it is empty when the file was so young that a later change could have left it the same.
const schema = `
  CREATE TABLE note (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT NOT NULL UNIQUE, key TEXT NOT NULL, name TEXT NOT NULL, signature TEXT NOT NULL,
    hash TEXT NOT NULL, title TEXT NOT NULL, modified REAL NOT NULL, size INTEGER NOT NULL, fault TEXT,
    embedded INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE INDEX note_name ON note (name);
  CREATE INDEX note_embedded ON note (embedded);
  CREATE INDEX note_fault ON note (id) WHERE fault IS NOT NULL;
  CREATE TABLE alias (note INTEGER NOT NULL, name TEXT NOT NULL) STRICT;
  CREATE INDEX alias_note ON alias (note);
  CREATE INDEX alias_name ON alias (name);
  CREATE TABLE tag (note INTEGER NOT NULL, tag TEXT NOT NULL, folded TEXT NOT NULL) STRICT;
  CREATE INDEX tag_note ON tag (note);
  CREATE INDEX tag_folded ON tag (folded, note);
  CREATE TABLE link (
    id INTEGER PRIMARY KEY, source INTEGER NOT NULL, kind TEXT NOT NULL, target TEXT NOT NULL, name TEXT NOT NULL,
    anchor TEXT NOT NULL, alias TEXT, embed INTEGER NOT NULL, line INTEGER NOT NULL, note INTEGER) STRICT;
  CREATE INDEX link_source ON link (source);
  CREATE INDEX link_name ON link (name);
  CREATE INDEX link_note ON link (note, source);
  CREATE TABLE skipped (path TEXT PRIMARY KEY, reason TEXT NOT NULL) STRICT;
  CREATE TABLE vector (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, note INTEGER NOT NULL UNIQUE, spans TEXT NOT NULL, data BLOB NOT NULL) STRICT;
  CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;
  CREATE VIRTUAL TABLE text USING fts5(
    title, names, tags, body, content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 2");
`

/** SQLITE_CORRUPT and SQLITE_NOTADB: the file is damaged, or is none of SQLite's. */
export const isDamage = (error: unknown): boolean => {
  const { errcode } = error as { errcode?: number }
  return errcode !== undefined && [11, 26].includes(errcode & 0xff)
}

/** Removes the files of a database. */
export const removeDatabase = (file: string): void => {
  for (const ending of ['', '-wal', '-shm', '-journal']) rmSync(`${file}${ending}`, { force: true })
}

/** An open index. */
export class IndexDatabase implements Disposable {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** Opens the file, or makes it. @throws what SQLite throws; see {@link isDamage} */
  constructor(file: string, busyTimeoutMs: number) {
    // SQLite gives its other files the permissions of this one: what notes say is for their owner alone.
    closeSync(openSync(file, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600))
    this.#database = new DatabaseSync(file, { timeout: busyTimeoutMs, allowExtension: false })
    try {
      // A cache need not survive a loss of power; with NORMAL in WAL mode it is whole all the same.
      this.#database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000; PRAGMA mmap_size = 268435456',
      )
      this.transact(() => this.#migrate())
    } catch (error) {
      this.#database.close()
      throw error
    }
  }

  #migrate(): void {
    const { user_version: found } = this.get('PRAGMA user_version') as { user_version: number }
    if (found === format) return
    const tables = this.all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    // The tables behind a virtual one go with it.
    if (tables.some(({ name }) => name === 'text')) this.#database.exec('DROP TABLE text')
    for (const { name } of tables) {
      if (!/^text(?:_|$)/.test(String(name)))
        this.#database.exec(`DROP TABLE IF EXISTS "${String(name).replaceAll('"', '""')}"`)
    }
    this.#database.exec(`${schema} PRAGMA user_version = ${format}`)
  }

  /** Runs `act` in one transaction that writes; within another one it is part of that. */
  transact<T>(act: () => T): T {
    if (this.#database.isTransaction) return act()
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = act()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  /** Runs `act` and takes back whatever it changed. */
  tryOut<T>(act: () => T): T {
    this.#database.exec('SAVEPOINT attempt')
    try {
      return act()
    } finally {
      this.#database.exec('ROLLBACK TO attempt; RELEASE attempt')
    }
  }

  /** Changes when another process has committed something. */
  get otherChanges(): number {
    return (this.get('PRAGMA data_version') as { data_version: number }).data_version
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...values) as Row | undefined
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#prepare(sql).all(...values) as Row[]
  }

  /** Not by StatementSync.run, which fails on the row numbers that the text index uses for itself: they are no safe integers. */
  run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).get(...values)
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)))
    return statement
  }

  [Symbol.dispose](): void {
    this.#statements.clear()
    this.#database.close()
  }
}

/** A row as SQLite gives it. */
export type Row = Readonly<Record<string, SQLInputValue>>
