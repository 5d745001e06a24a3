// The store over SQLite, as the host sees it: a thread does the work, so that a locked or slow store never holds up the
// event loop. The thread starts with the first request, and again after it died.

import type { Worker } from 'node:worker_threads'
import { moduleBeside, startThread } from '@bulkhead/cell'
import { asBulkheadError, BulkheadError, type Clock, errorTable, type Json } from '@bulkhead/kernel'
import type { KvEntry, KvListOptions, KvNamespace, KvPage, KvSetOptions, KvStore, KvWritten } from './store.ts'
import type { Answer, FromThread, Operation, ThreadData, ToThread } from './wire.ts'

/** Options of {@link openSqliteStore}. */
export interface SqliteStoreOptions {
  /** Database file; made with mode 0600 when missing. Its folder must exist. */
  readonly file: string
  /** Time for expiry. */
  readonly clock: Pick<Clock, 'now'>
  /** How long a write waits for another process's lock, ms. Default 5000. */
  readonly busyTimeoutMs?: number
}

/**
 * Opens a durable {@link KvStore} over SQLite (WAL, synchronous=FULL: an answered write survives SIGKILL and power loss).
 * No thread and no file exists before the first request. Several processes may use one file.
 */
export const openSqliteStore = (options: SqliteStoreOptions): KvStore => new SqliteStore(options)

interface Waiting {
  settle(answer: Answer): void
  fail(error: BulkheadError): void
}

class SqliteStore implements KvStore {
  readonly #options: SqliteStoreOptions
  readonly #waiting = new Map<number, Waiting>()
  #worker: Worker | undefined
  #nextId = 1
  #closed: Promise<void> | undefined

  constructor(options: SqliteStoreOptions) {
    this.#options = options
  }

  async get(space: KvNamespace, key: string, signal?: AbortSignal): Promise<KvEntry | undefined> {
    const answer = await this.#ask(space, { kind: 'get', key: encode(key) }, signal)
    if (answer.kind === 'absent') return undefined
    if (answer.kind !== 'entry') throw unexpected(answer)
    return { value: JSON.parse(answer.value) as Json, version: answer.version }
  }

  async set(space: KvNamespace, key: string, value: Json, options: KvSetOptions): Promise<KvWritten> {
    const operation: Operation = {
      kind: 'set',
      key: encode(key),
      value: JSON.stringify(value),
      expires: options.ttlMs === undefined ? null : this.#options.clock.now() + options.ttlMs,
      ifVersion: options.ifVersion ?? null,
      payer: encode(options.payer),
      quotaBytes: options.quotaBytes,
    }
    const answer = await this.#ask(space, operation, options.signal)
    if (answer.kind === 'over-quota') throw overQuota(answer, options)
    if (answer.kind !== 'written') throw unexpected(answer)
    return { written: answer.written, version: answer.version }
  }

  async delete(space: KvNamespace, key: string, signal?: AbortSignal): Promise<boolean> {
    const answer = await this.#ask(space, { kind: 'delete', key: encode(key) }, signal)
    if (answer.kind !== 'deleted') throw unexpected(answer)
    return answer.was
  }

  async list(space: KvNamespace, options: KvListOptions): Promise<KvPage> {
    const operation: Operation = {
      kind: 'list',
      prefix: encode(options.prefix),
      after: options.cursor === undefined ? null : encode(options.cursor),
      limit: options.limit,
    }
    const answer = await this.#ask(space, operation, options.signal)
    if (answer.kind !== 'keys') throw unexpected(answer)
    const keys = answer.keys.map((key) => decoder.decode(key))
    const last = keys.at(-1)
    return answer.more && last !== undefined ? { keys, cursor: last } : { keys }
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    const worker = this.#worker
    if (worker === undefined) return
    worker.ref()
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
    worker.postMessage({ kind: 'close' } satisfies ToThread)
    await exited
  }

  #ask(space: KvNamespace, operation: Operation, signal?: AbortSignal): Promise<Answer> {
    if (this.#closed !== undefined) {
      return Promise.reject(new BulkheadError('host.closed', 'the key-value store is closed'))
    }
    return new Promise<Answer>((resolve, reject) => {
      const id = this.#nextId++
      const abort = (): void => {
        this.#post({ kind: 'cancel', id })
        this.#settled(id)?.fail(cancelled(signal?.reason))
      }
      if (signal?.aborted === true) return reject(cancelled(signal.reason))
      signal?.addEventListener('abort', abort, { once: true })
      const done = (): void => signal?.removeEventListener('abort', abort)
      this.#waiting.set(id, {
        settle: (answer) => {
          done()
          if (answer.kind === 'failed') reject(failed(answer.message, answer.busy))
          else resolve(answer)
        },
        fail: (error) => {
          done()
          reject(error)
        },
      })
      try {
        this.#worker ??= this.#start()
        this.#worker.ref()
        const owner = encode(space.owner)
        this.#post({
          kind: 'request',
          request: { id, now: this.#options.clock.now(), scope: space.scope, owner, operation },
        })
      } catch (error) {
        this.#settled(id)?.fail(asBulkheadError(error, 'kv.failed'))
      }
    })
  }

  #post(message: ToThread): void {
    this.#worker?.postMessage(message)
  }

  /** Takes a request off the list; lets the process end when it was the last. */
  #settled(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id)
    this.#waiting.delete(id)
    if (this.#waiting.size === 0) this.#worker?.unref()
    return waiting
  }

  #start(): Worker {
    const { file, busyTimeoutMs = 5000 } = this.#options
    const worker = startThread({
      url: moduleBeside(import.meta.url, 'sqlite-thread'),
      name: 'bulkhead-kv',
      workerData: { file, busyTimeoutMs } satisfies ThreadData,
    })
    let why = 'the thread ended'
    worker.on('message', (message: FromThread) => {
      if (message.kind !== 'answers') return
      for (const { id, answer } of message.answers) this.#settled(id)?.settle(answer)
    })
    worker.on('error', (error: unknown) => {
      why = error instanceof Error ? error.message : String(error)
    })
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined
      // Nobody knows whether these writes took place: the caller must look before it writes again.
      for (const id of [...this.#waiting.keys()]) {
        this.#settled(id)?.fail(failed(`the store's thread died: ${why}`, false))
      }
    })
    return worker
  }
}

// These errors reach guests: they never name a path of the host's.
const failed = (message: string, busy: boolean): BulkheadError =>
  new BulkheadError('kv.failed', `the key-value store failed: ${message}`, {
    hint: busy ? 'Another program holds the store locked; try again.' : errorTable['kv.failed'].hint,
  })

const unexpected = (answer: Answer): BulkheadError =>
  new BulkheadError('host.internal', `the key-value store answered ${answer.kind}`)

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const encode = (text: string): Uint8Array => {
  // Text without a UTF-8 form would be mended, and could then name somebody else's namespace.
  if (!text.isWellFormed()) throw new BulkheadError('input.invalid', 'a key or owner is not well-formed Unicode')
  return encoder.encode(text)
}

const cancelled = (reason: unknown): BulkheadError =>
  reason instanceof BulkheadError ? reason : new BulkheadError('call.cancelled', 'the call to the store was cancelled')

const overQuota = (answer: Answer & { kind: 'over-quota' }, options: KvSetOptions): BulkheadError =>
  new BulkheadError(
    'limit.storage',
    `the plugin stores ${answer.usedBytes} bytes and would add ${answer.wantedBytes}; its limit is ${options.quotaBytes}`,
    { details: { usedBytes: answer.usedBytes, wantedBytes: answer.wantedBytes, limitBytes: options.quotaBytes } },
  )
