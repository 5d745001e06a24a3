// Brings a store's file to the format of this version, in one transaction, with a copy of the older file beside it. Runs only
// in the store's thread.

import { closeSync, constants, openSync, renameSync, rmSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

/**
 * What makes each format out of the one before; the first makes it out of nothing. A step that was released is never
 * changed: stores are out there that it made.
 */
const steps: readonly string[] = [
  // Names are BLOBs: SQLite then compares bytes, and an embedded NUL or an unusual code point is nothing special.
  `CREATE TABLE space (
     id INTEGER PRIMARY KEY, scope TEXT NOT NULL, owner BLOB NOT NULL, version INTEGER NOT NULL DEFAULT 0,
     UNIQUE (scope, owner)) STRICT;
   CREATE TABLE payer (
     id INTEGER PRIMARY KEY, principal BLOB NOT NULL UNIQUE, bytes INTEGER NOT NULL DEFAULT 0) STRICT;
   CREATE TABLE entry (
     id INTEGER PRIMARY KEY, space INTEGER NOT NULL REFERENCES space (id), key BLOB NOT NULL, value TEXT NOT NULL,
     version INTEGER NOT NULL, expires INTEGER, payer INTEGER NOT NULL REFERENCES payer (id), bytes INTEGER NOT NULL,
     UNIQUE (space, key)) STRICT;
   CREATE INDEX entry_expires ON entry (expires) WHERE expires IS NOT NULL;
   CREATE INDEX entry_payer_expires ON entry (payer, expires) WHERE expires IS NOT NULL;`,
  `CREATE TABLE allowance (
     payer INTEGER NOT NULL REFERENCES payer (id), purpose TEXT NOT NULL, day INTEGER NOT NULL, used INTEGER NOT NULL,
     PRIMARY KEY (payer, purpose)) STRICT, WITHOUT ROWID;`,
]

/** The format that this version reads and writes. */
export const storeFormat = steps.length

/** A store that a later version wrote: this one cannot know what it means. */
export class LaterFormatError extends Error {
  readonly hint =
    'Update Bulkhead. To go back to the older version, put the copy kv.sqlite.format-… in the place of kv.sqlite, or set BULKHEAD_HOME to another folder.'

  constructor(found: number) {
    super(`the store was written by a later version (format ${found}; this version reads up to ${storeFormat})`)
  }
}

const formatOf = (database: DatabaseSync): number =>
  (database.prepare('PRAGMA user_version').get() as { user_version: number }).user_version

/** Where the copy of an older store lies. */
export const copyPath = (file: string, format: number): string => `${file}.format-${format}`

/** Copies what is committed. The rename makes it whole or not there; its permissions are those of the store. */
const copyStore = (file: string, format: number): void => {
  const path = copyPath(file, format)
  const partial = `${path}.partial`
  rmSync(partial, { force: true })
  // SQLite writes into an empty file as into none.
  closeSync(openSync(partial, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600))
  const reader = new DatabaseSync(file, { readOnly: true, allowExtension: false })
  try {
    reader.prepare('VACUUM INTO ?').run(partial)
  } finally {
    reader.close()
  }
  renameSync(partial, path)
}

/**
 * Migrates an open store. Two processes that open it at once take turns, and the second finds nothing to do.
 * @throws LaterFormatError; SQLite's errors, with the store as it was
 */
export const migrate = (database: DatabaseSync, file: string): void => {
  if (formatOf(database) === storeFormat) return
  database.exec('BEGIN IMMEDIATE')
  try {
    const found = formatOf(database)
    if (found > storeFormat) throw new LaterFormatError(found)
    if (found > 0 && found < storeFormat) copyStore(file, found)
    for (const step of steps.slice(found)) database.exec(step)
    database.exec(`PRAGMA user_version = ${storeFormat}; COMMIT`)
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}
