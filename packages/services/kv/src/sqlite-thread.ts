// The program of the store's thread: one SQLite database, requests in, answers out. Requests that arrive together share
// one transaction and so one fsync; an answer leaves only after the commit.

import { DatabaseSync } from 'node:sqlite'
import { parentPort, workerData } from 'node:worker_threads'
import { LaterFormatError, migrate } from './migrate.ts'
import { makeStoreFile } from './store-file-node.ts'
import { Tables } from './tables.ts'
import type { Answer, FromThread, Operation, Request, ThreadData, ToThread } from './wire.ts'

const port = parentPort
if (port === null) throw new Error('sqlite-thread runs only as a thread')
const data = workerData as ThreadData
/** Expired rows removed along with each transaction that writes. */
const sweepPerBatch = 100
const batchLimit = 256

const readers: ReadonlySet<string> = new Set<Operation['kind']>(['get', 'list', 'entries', 'spaces'])

const queue: Request[] = []
let scheduled = false
let opened: { database: DatabaseSync; tables: Tables } | undefined

/** The host's time, as it told it last, and how long ago that was. */
let told = { at: performance.now(), now: Number.NEGATIVE_INFINITY }
const now = (): number => told.now + performance.now() - told.at

const open = (): { database: DatabaseSync; tables: Tables } => {
  makeStoreFile(data.file)
  const database = new DatabaseSync(data.file, { timeout: data.busyTimeoutMs, allowExtension: false })
  try {
    // FULL: with NORMAL a commit in WAL mode survives a killed process, but not a loss of power, and kv.set promises
    // both. The price is one fsync for each batch.
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF')
    migrate(database, data.file)
    setImmediate(sweep)
    return { database, tables: new Tables(database) }
  } catch (error) {
    database.close()
    throw error
  }
}

const attempt = (requests: readonly Request[]): Answer[] => {
  opened ??= open()
  const { database, tables } = opened
  const writes = requests.some(({ operation }) => !readers.has(operation.kind))
  database.exec(writes ? 'BEGIN IMMEDIATE' : 'BEGIN')
  try {
    const answers = requests.map((request) => tables.run(request))
    if (writes) tables.removeExpired(now(), sweepPerBatch)
    database.exec('COMMIT')
    return answers
  } catch (error) {
    // SQLite rolls back by itself on some errors (a full disk); a second rollback would then hide the first error.
    if (database.isTransaction) database.exec('ROLLBACK')
    throw error
  }
}

const failure = (error: unknown): Answer => {
  const { errcode, syscall, code } = error as { errcode?: number; syscall?: string; code?: string }
  // A message of the file system names the path, which is none of a guest's business.
  const message = syscall === undefined ? (error as Error).message : `${syscall} failed (${code})`
  const hint = error instanceof LaterFormatError ? { hint: error.hint } : {}
  // SQLITE_BUSY with its extended codes.
  return { kind: 'failed', message, busy: errcode !== undefined && (errcode & 0xff) === 5, ...hint }
}

const answer = (requests: readonly Request[]): Answer[] => {
  try {
    return attempt(requests)
  } catch (error) {
    const failed = failure(error)
    // One bad request must not fail its neighbours: each is tried alone. A locked store is locked for all.
    if (requests.length === 1 || (failed.kind === 'failed' && failed.busy)) return requests.map(() => failed)
    return requests.flatMap((request) => answer([request]))
  }
}

const drain = (): void => {
  scheduled = false
  const batch = queue.splice(0, batchLimit)
  if (batch.length > 0) {
    const answers = answer(batch).map((given, index) => ({ id: batch[index]?.id ?? -1, answer: given }))
    port.postMessage({ kind: 'answers', answers } satisfies FromThread)
  }
  if (queue.length > 0) schedule()
}

/** Where nobody writes, what has expired goes all the same: a batch at a time, so that requests come between. */
const sweep = (): void => {
  if (opened === undefined || queue.length > 0) return
  const { database, tables } = opened
  try {
    database.exec('BEGIN IMMEDIATE')
    const removed = tables.removeExpired(now(), sweepPerBatch)
    database.exec('COMMIT')
    if (removed === sweepPerBatch) setImmediate(sweep)
  } catch {
    // Another process is writing, or the disk is full: the next time will do.
    if (database.isTransaction) database.exec('ROLLBACK')
  }
}
const sweeping = setInterval(sweep, data.sweepMs)

const schedule = (): void => {
  if (scheduled) return
  scheduled = true
  setImmediate(drain)
}

const close = (): void => {
  clearInterval(sweeping)
  while (queue.length > 0) drain()
  try {
    opened?.database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  } catch {
    // Another process is using the store; the last one to close tidies up.
  }
  opened?.database.close()
  opened = undefined
  port.postMessage({ kind: 'closed' } satisfies FromThread)
  port.close()
}

port.on('message', (message: ToThread) => {
  if (message.kind === 'close') return close()
  if (message.kind === 'request') {
    told = { at: performance.now(), now: message.request.now }
    queue.push(message.request)
    return schedule()
  }
  const at = queue.findIndex(({ id }) => id === message.id)
  if (at >= 0) queue.splice(at, 1)
})
