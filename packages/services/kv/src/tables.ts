// The store's tables and the operations on them, synchronous, on an open database. Runs only in the store's thread.
// It begins and ends no transaction: the thread groups operations.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Answer, Operation, Request } from './wire.ts'

const schemaVersion = 2

// Names are BLOBs: SQLite then compares bytes, and an embedded NUL or an unusual code point is nothing special.
const schema = `
  CREATE TABLE IF NOT EXISTS space (
    id INTEGER PRIMARY KEY, scope TEXT NOT NULL, owner BLOB NOT NULL, version INTEGER NOT NULL DEFAULT 0,
    UNIQUE (scope, owner)) STRICT;
  CREATE TABLE IF NOT EXISTS payer (
    id INTEGER PRIMARY KEY, principal BLOB NOT NULL UNIQUE, bytes INTEGER NOT NULL DEFAULT 0) STRICT;
  CREATE TABLE IF NOT EXISTS entry (
    id INTEGER PRIMARY KEY, space INTEGER NOT NULL REFERENCES space (id), key BLOB NOT NULL, value TEXT NOT NULL,
    version INTEGER NOT NULL, expires INTEGER, payer INTEGER NOT NULL REFERENCES payer (id), bytes INTEGER NOT NULL,
    UNIQUE (space, key)) STRICT;
  CREATE TABLE IF NOT EXISTS allowance (
    payer INTEGER NOT NULL REFERENCES payer (id), purpose TEXT NOT NULL, day INTEGER NOT NULL, used INTEGER NOT NULL,
    PRIMARY KEY (payer, purpose)) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS entry_expires ON entry (expires) WHERE expires IS NOT NULL;
  CREATE INDEX IF NOT EXISTS entry_payer_expires ON entry (payer, expires) WHERE expires IS NOT NULL;
`

/** What a row costs beyond its key and value, bytes: indices, version, page overhead. Empty values are not free. */
export const rowOverheadBytes = 96

interface Row {
  readonly id: number
  readonly value: string
  readonly version: number
  readonly payer: number
  readonly bytes: number
}

/** The operations over one open database; statements are prepared once. */
export class Tables {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  /** Makes the tables where they are missing. @throws Error for a database of a later version */
  constructor(database: DatabaseSync) {
    this.#database = database
    const { user_version: found } = database.prepare('PRAGMA user_version').get() as { user_version: number }
    if (found > schemaVersion) throw new Error(`the store was written by a later version (format ${found})`)
    if (found === schemaVersion) return
    database.exec(`BEGIN IMMEDIATE; ${schema} PRAGMA user_version = ${schemaVersion}; COMMIT`)
  }

  run(request: Request): Answer {
    const { operation, now } = request
    if (operation.kind === 'take') return this.#take(operation)
    const space = this.#space(request, operation.kind === 'set')
    switch (operation.kind) {
      case 'get': {
        const row = this.#row(space, operation.key, now)
        return row === undefined ? { kind: 'absent' } : { kind: 'entry', value: row.value, version: row.version }
      }
      case 'set':
        return this.#set(space, operation, now)
      case 'delete': {
        const row = this.#row(space, operation.key, now)
        if (row !== undefined) this.#remove(row)
        return { kind: 'deleted', was: row !== undefined }
      }
      default:
        return this.#list(space, operation, now)
    }
  }

  /** Removes at most `limit` expired rows, and gives their bytes back to who paid. */
  removeExpired(now: number, limit: number): void {
    const rows = this.#all('SELECT id, payer, bytes FROM entry WHERE expires <= ? LIMIT ?', now, limit)
    for (const row of rows) this.#remove(row as Row)
  }

  #set(space: number, operation: Operation & { kind: 'set' }, now: number): Answer {
    const old = this.#row(space, operation.key, now)
    if (operation.ifVersion !== null && operation.ifVersion !== (old?.version ?? 0)) {
      return { kind: 'written', written: false, version: old?.version ?? 0 }
    }
    const payer = this.#id('payer', 'principal', operation.payer)
    const bytes = operation.key.length + Buffer.byteLength(operation.value) + rowOverheadBytes
    const credit = old?.payer === payer ? old.bytes : 0
    let used = this.#used(payer)
    if (used - credit + bytes > operation.quotaBytes) {
      const dead = this.#all('SELECT id, payer, bytes FROM entry WHERE payer = ? AND expires <= ?', payer, now)
      for (const row of dead) this.#remove(row as Row)
      used = this.#used(payer)
    }
    if (used - credit + bytes > operation.quotaBytes) return { kind: 'over-quota', usedBytes: used, wantedBytes: bytes }

    // Versions count up per namespace and outlive deletions, so that compare-and-set cannot be fooled by a key that
    // was deleted and made again; a counter of the whole store would tell every plugin how busy the others are.
    const { version } = this.#get('UPDATE space SET version = version + 1 WHERE id = ? RETURNING version', space) as {
      version: number
    }
    if (old !== undefined) this.#remove(old)
    else this.#removeAt(space, operation.key)
    this.#run(
      'INSERT INTO entry (space, key, value, version, expires, payer, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
      ...[space, operation.key, operation.value, version, operation.expires, payer, bytes],
    )
    this.#run('UPDATE payer SET bytes = bytes + ? WHERE id = ?', bytes, payer)
    return { kind: 'written', written: true, version, usedBytes: this.#used(payer) }
  }

  /** A day that began clears what earlier ones used; a clock that goes back does not. */
  #take({ payer: principal, purpose, day, amount, quota }: Operation & { kind: 'take' }): Answer {
    const payer = this.#id('payer', 'principal', principal)
    const row = this.#get('SELECT day, used FROM allowance WHERE payer = ? AND purpose = ?', payer, purpose) as
      | { day: number; used: number }
      | undefined
    const used = row === undefined || row.day < day ? 0 : row.used
    const taken = amount < 0 ? -Math.min(used, -amount) : Math.max(0, Math.min(amount, quota - used))
    this.#run(
      `INSERT INTO allowance (payer, purpose, day, used) VALUES (?, ?, ?, ?)
       ON CONFLICT (payer, purpose) DO UPDATE SET day = excluded.day, used = excluded.used`,
      ...[payer, purpose, Math.max(day, row?.day ?? day), used + taken],
    )
    return { kind: 'taken', amount: taken }
  }

  #list(space: number, operation: Operation & { kind: 'list' }, now: number): Answer {
    const { prefix, after, limit } = operation
    const end = endOfPrefix(prefix)
    const rows = this.#all(
      `SELECT key FROM entry WHERE space = ? AND key >= ? AND (? IS NULL OR key < ?) AND (? IS NULL OR key > ?)
       AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT ?`,
      ...[space, after !== null && compare(after, prefix) > 0 ? after : prefix, end, end, after, after, now, limit + 1],
    ) as { key: Uint8Array }[]
    return { kind: 'keys', keys: rows.slice(0, limit).map((row) => row.key), more: rows.length > limit }
  }

  /** Id of the namespace; -1, which holds nothing, when it is not there and need not be made. */
  #space(request: Request, make: boolean): number {
    const find = 'SELECT id FROM space WHERE scope = ? AND owner = ?'
    const found = this.#get(find, request.scope, request.owner) as { id: number } | undefined
    if (found !== undefined) return found.id
    if (!make) return -1
    const made = this.#get('INSERT INTO space (scope, owner) VALUES (?, ?) RETURNING id', request.scope, request.owner)
    return (made as { id: number }).id
  }

  #id(table: 'payer', column: 'principal', value: Uint8Array): number {
    const found = this.#get(`SELECT id FROM ${table} WHERE ${column} = ?`, value) as { id: number } | undefined
    return (
      found?.id ?? (this.#get(`INSERT INTO ${table} (${column}) VALUES (?) RETURNING id`, value) as { id: number }).id
    )
  }

  #row(space: number, key: Uint8Array, now: number): Row | undefined {
    const find =
      'SELECT id, value, version, payer, bytes FROM entry WHERE space = ? AND key = ? AND (expires IS NULL OR expires > ?)'
    return this.#get(find, space, key, now) as Row | undefined
  }

  #used(payer: number): number {
    return (this.#get('SELECT bytes FROM payer WHERE id = ?', payer) as { bytes: number }).bytes
  }

  #removeAt(space: number, key: Uint8Array): void {
    const row = this.#get('SELECT id, payer, bytes FROM entry WHERE space = ? AND key = ?', space, key)
    if (row !== undefined) this.#remove(row as Row)
  }

  #remove(row: Pick<Row, 'id' | 'payer' | 'bytes'>): void {
    this.#run('DELETE FROM entry WHERE id = ?', row.id)
    this.#run('UPDATE payer SET bytes = bytes - ? WHERE id = ?', row.bytes, row.payer)
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql)
    if (statement === undefined) this.#statements.set(sql, (statement = this.#database.prepare(sql)))
    return statement
  }
  #get(sql: string, ...values: Value[]): unknown {
    return this.#prepare(sql).get(...values)
  }
  #all(sql: string, ...values: Value[]): readonly unknown[] {
    return this.#prepare(sql).all(...values)
  }
  #run(sql: string, ...values: Value[]): void {
    this.#prepare(sql).run(...values)
  }
}

type Value = string | number | null | Uint8Array

/** The least byte string above everything that starts with `prefix`; null when nothing is. */
const endOfPrefix = (prefix: Uint8Array): Uint8Array | null => {
  for (let index = prefix.length - 1; index >= 0; index--) {
    const byte = prefix[index] ?? 255
    if (byte === 255) continue
    const end = prefix.slice(0, index + 1)
    end[index] = byte + 1
    return end
  }
  return null
}

const compare = (a: Uint8Array, b: Uint8Array): number => Buffer.compare(a, b)
