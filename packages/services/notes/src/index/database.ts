// The index's database: opened, made anew when it is of another format, and its statements kept. The index is a cache of the
// folder: it may be thrown away at any time, and nothing is lost.

import { lstatSync, rmSync } from 'node:fs'
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { makePrivateFile } from '../folder/private-file.ts'

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

/** What SQLite says of a damaged file: SQLITE_CORRUPT, _CONSTRAINT, _MISMATCH, _FORMAT, _NOTADB. Our own statements cause none. */
const damageCodes: readonly number[] = [11, 19, 20, 24, 26]
/** Further ones while a file is opened: SQLITE_ERROR and _IOERR. Later they may have other reasons. */
const openingCodes: readonly number[] = [1, 10]

/** What is in the index cannot have been put there by us. */
export class DamagedIndexError extends Error {
  override readonly name = 'DamagedIndexError'
}

/** Whether the file is damaged, or is none of ours. */
export const isDamage = (error: unknown): boolean => {
  if (error instanceof DamagedIndexError) return true
  const { errcode, code } = error as { errcode?: number; code?: string }
  // Numbers of ours are safe integers.
  if (code === 'ERR_OUT_OF_RANGE') return true
  return errcode !== undefined && damageCodes.includes(errcode & 0xff)
}

const endings = ['', '-wal', '-shm', '-journal']

/** Removes the files of a database, and whatever else has their names. */
export const removeDatabase = (file: string): void => {
  for (const ending of endings) rmSync(`${file}${ending}`, { force: true, recursive: true })
}

/** SQLite would wait for a pipe, and write through a link. */
const hasStrangeFiles = (file: string): boolean =>
  endings.some((ending) => lstatSync(`${file}${ending}`, { throwIfNoEntry: false })?.isFile() === false)

const schemaOf = (database: DatabaseSync): string =>
  JSON.stringify(database.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all())

let expectedSchema: string | undefined
/** What the tables of this format look like, those behind the text index included. */
const schemaOfFormat = (): string => {
  if (expectedSchema !== undefined) return expectedSchema
  using database = new DatabaseSync(':memory:', { allowExtension: false })
  database.exec(schema)
  return (expectedSchema = schemaOf(database))
}

/** An open index. */
export class IndexDatabase implements Disposable {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** Opens the file, or makes it. @throws what SQLite throws; see {@link isDamage} */
  constructor(file: string, busyTimeoutMs: number) {
    if (hasStrangeFiles(file)) removeDatabase(file)
    // SQLite gives its other files the permissions of this one: what notes say is for their owner alone.
    makePrivateFile(file)
    this.#database = new DatabaseSync(file, { timeout: busyTimeoutMs, allowExtension: false })
    try {
      // A cache need not survive a loss of power; with NORMAL in WAL mode it is whole all the same.
      this.#database.exec(
        'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA trusted_schema = OFF; PRAGMA cache_size = -16000; PRAGMA wal_autocheckpoint = 4000; PRAGMA mmap_size = 268435456',
      )
      this.transact(() => this.#migrate())
    } catch (error) {
      this.#database.close()
      const { errcode, message } = error as { errcode?: number; message: string }
      if (errcode !== undefined && openingCodes.includes(errcode & 0xff)) throw new DamagedIndexError(message)
      throw error
    }
  }

  #migrate(): void {
    const { user_version: found } = this.get('PRAGMA user_version') as { user_version: number }
    if (found !== format) this.#makeAnew()
    // A trigger or a view of somebody else's would have a say in all that is asked.
    if (schemaOf(this.#database) !== schemaOfFormat())
      throw new DamagedIndexError('the tables of the index are none of ours')
    // The text index reads its settings when it is first asked.
    this.get(`SELECT 1 FROM text WHERE text MATCH '"a"' LIMIT 1`)
  }

  #makeAnew(): void {
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
