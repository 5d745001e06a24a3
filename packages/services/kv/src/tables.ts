// The operations on the store's tables, synchronous, on an open database. Runs only in the store's thread.
// It begins and ends no transaction: the thread groups operations.

import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Answer, Operation, Payment, Range, Request, Write } from './wire.ts'

/** What a row costs beyond its key and value, bytes: indices, version, page overhead. Empty values are not free. */
export const rowOverheadBytes = 96

interface Row {
  readonly id: number
  readonly value: string
  readonly version: number
  readonly expires: number | null
  readonly payer: number
  readonly bytes: number
}

type Paid = Pick<Row, 'id' | 'payer' | 'bytes'>

/** The operations over one open database; statements are prepared once. */
export class Tables {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
  }

  run(request: Request): Answer {
    const { operation, now } = request
    if (operation.kind === 'take') return this.#take(operation)
    if (operation.kind === 'spaces') return this.#spaces(now)
    const space = this.#space(request, operation.kind === 'set' || operation.kind === 'add')
    switch (operation.kind) {
      case 'get':
        return this.#values(space, operation, now)
      case 'set':
        return this.#set(space, operation.writes, { ...operation, now })
      case 'add':
        return this.#add(space, operation, now)
      case 'delete': {
        const row = this.#row(space, operation.key, now)
        if (row !== undefined) this.#remove(row)
        return { kind: 'deleted', count: row === undefined ? 0 : 1 }
      }
      case 'clear':
        return this.#clear(space, operation.prefix, now)
      case 'entries':
        return this.#entries(space, operation, now)
      default:
        return this.#list(space, operation, now)
    }
  }

  /** Removes at most `limit` expired rows, and gives their bytes back to who paid. @returns how many there were */
  removeExpired(now: number, limit: number): number {
    const rows = this.#all('SELECT id, payer, bytes FROM entry WHERE expires <= ? LIMIT ?', now, limit)
    for (const row of rows) this.#remove(row as Paid)
    return rows.length
  }

  #values(space: number, { keys, maxLength }: Operation & { kind: 'get' }, now: number): Answer {
    let length = 0
    const values = keys.map((key) => {
      // What does not fit is not read: the sum would otherwise lie in memory before it is refused.
      const row = length > maxLength ? undefined : this.#row(space, key, now)
      length += row?.value.length ?? 0
      return row === undefined ? null : { value: row.value, version: row.version }
    })
    return length > maxLength ? { kind: 'too-long', length } : { kind: 'values', values }
  }

  #set(space: number, writes: readonly Write[], options: Payment & { readonly now: number }): Answer {
    const { now, quotaBytes } = options
    const olds = writes.map(({ key }) => this.#row(space, key, now))
    for (const [at, { ifVersion }] of writes.entries()) {
      const version = olds[at]?.version ?? 0
      if (ifVersion !== null && ifVersion !== version) return { kind: 'conflict', at, version }
    }
    const payer = this.#id('payer', 'principal', options.payer)
    const sizes = writes.map(({ key, value }) => key.length + Buffer.byteLength(value) + rowOverheadBytes)
    const wantedBytes = sizes.reduce((sum, size) => sum + size, 0)
    const credit = olds.reduce((sum, old) => sum + (old?.payer === payer ? old.bytes : 0), 0)
    if (this.#used(payer) - credit + wantedBytes > quotaBytes) this.#removeDead(payer, now)
    const usedBytes = this.#used(payer)
    if (usedBytes - credit + wantedBytes > quotaBytes) return { kind: 'over-quota', usedBytes, wantedBytes }

    const versions = writes.map(({ key, value, expires }, at) => {
      const [old, bytes = 0] = [olds[at], sizes[at]]
      if (old !== undefined) this.#remove(old)
      else this.#removeAt(space, key)
      const version = this.#nextVersion(space)
      this.#run(
        'INSERT INTO entry (space, key, value, version, expires, payer, bytes) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ...[space, key, value, version, expires === 'kept' ? (old?.expires ?? null) : expires, payer, bytes],
      )
      this.#run('UPDATE payer SET bytes = bytes + ? WHERE id = ?', bytes, payer)
      return version
    })
    return { kind: 'written', versions, usedBytes: this.#used(payer) }
  }

  #add(space: number, operation: Operation & { kind: 'add' }, now: number): Answer {
    const { key, by, expires } = operation
    const old = this.#row(space, key, now)
    const before: unknown = old === undefined ? 0 : JSON.parse(old.value)
    if (typeof before !== 'number') return { kind: 'no-number', why: 'not-a-number' }
    const value = before + by
    // Above the safe integers 1 would be added in vain.
    const isExact = !Number.isInteger(before) || !Number.isInteger(by) || Number.isSafeInteger(value)
    if (!Number.isFinite(value) || !isExact) return { kind: 'no-number', why: 'too-large' }
    const write: Write = {
      key,
      value: JSON.stringify(value),
      expires: old === undefined ? expires : 'kept',
      ifVersion: null,
    }
    const answer = this.#set(space, [write], { ...operation, now })
    return answer.kind === 'written' ? { ...answer, value } : answer
  }

  /**
   * Versions count up per namespace and outlive deletions, so that compare-and-set cannot be fooled by a key that was
   * deleted and made again; a counter of the whole store would tell every plugin how busy the others are.
   */
  #nextVersion(space: number): number {
    return (
      this.#get('UPDATE space SET version = version + 1 WHERE id = ? RETURNING version', space) as { version: number }
    ).version
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

  #list(space: number, range: Operation & { kind: 'list' }, now: number): Answer {
    const rows = this.#all(...this.#query('key', { space, now, range })) as { key: Uint8Array }[]
    return { kind: 'keys', keys: rows.slice(0, range.limit).map((row) => row.key), more: rows.length > range.limit }
  }

  #entries(space: number, range: Operation & { kind: 'entries' }, now: number): Answer {
    const [sql, ...values] = this.#query('key, value, version', { space, now, range })
    const entries: (Pick<Row, 'value' | 'version'> & { key: Uint8Array })[] = []
    let length = 0
    for (const row of this.#prepare(sql).iterate(...values)) {
      const entry = row as unknown as (typeof entries)[number]
      length += entry.value.length
      if (entries.length === range.limit || (entries.length > 0 && length > range.maxLength)) {
        return { kind: 'entries', entries, more: true }
      }
      entries.push({ key: entry.key, value: entry.value, version: entry.version })
    }
    return { kind: 'entries', entries, more: false }
  }

  /** One row more than wanted shows whether there are more. */
  #query(
    columns: string,
    { space, now, range }: { readonly space: number; readonly now: number; readonly range: Range },
  ): [string, ...Value[]] {
    const { prefix, after, limit } = range
    const end = endOfPrefix(prefix)
    const start = after !== null && compare(after, prefix) > 0 ? after : prefix
    return [
      `SELECT ${columns} FROM entry WHERE space = ? AND key >= ? AND (? IS NULL OR key < ?) AND (? IS NULL OR key > ?)
       AND (expires IS NULL OR expires > ?) ORDER BY key LIMIT ?`,
      ...[space, start, end, end, after, after, now, limit + 1],
    ]
  }

  #spaces(now: number): Answer {
    const rows = this.#all(
      `SELECT scope, owner, count(*) AS keys, sum(bytes) AS bytes FROM entry JOIN space ON space.id = entry.space
       WHERE expires IS NULL OR expires > ? GROUP BY space.id ORDER BY scope, owner`,
      now,
    ) as { scope: string; owner: Uint8Array; keys: number; bytes: number }[]
    return { kind: 'spaces', spaces: rows.map(({ scope, owner, keys, bytes }) => ({ scope, owner, keys, bytes })) }
  }

  /** Expired keys go as well, and are not counted. */
  #clear(space: number, prefix: Uint8Array, now: number): Answer {
    const end = endOfPrefix(prefix)
    const which = 'space = ? AND key >= ? AND (? IS NULL OR key < ?)'
    const sums = this.#all(
      `SELECT payer, sum(bytes) AS bytes, sum(expires IS NULL OR expires > ?) AS count FROM entry WHERE ${which} GROUP BY payer`,
      ...[now, space, prefix, end, end],
    ) as { payer: number; bytes: number; count: number }[]
    this.#run(`DELETE FROM entry WHERE ${which}`, space, prefix, end, end)
    for (const { payer, bytes } of sums) this.#run('UPDATE payer SET bytes = bytes - ? WHERE id = ?', bytes, payer)
    return { kind: 'deleted', count: sums.reduce((sum, { count }) => sum + count, 0) }
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
      'SELECT id, value, version, expires, payer, bytes FROM entry WHERE space = ? AND key = ? AND (expires IS NULL OR expires > ?)'
    return this.#get(find, space, key, now) as Row | undefined
  }

  #used(payer: number): number {
    return (this.#get('SELECT bytes FROM payer WHERE id = ?', payer) as { bytes: number }).bytes
  }

  #removeAt(space: number, key: Uint8Array): void {
    const row = this.#get('SELECT id, payer, bytes FROM entry WHERE space = ? AND key = ?', space, key)
    if (row !== undefined) this.#remove(row as Paid)
  }

  #removeDead(payer: number, now: number): void {
    const rows = this.#all('SELECT id, payer, bytes FROM entry WHERE payer = ? AND expires <= ?', payer, now)
    for (const row of rows) this.#remove(row as Paid)
  }

  #remove(row: Paid): void {
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
