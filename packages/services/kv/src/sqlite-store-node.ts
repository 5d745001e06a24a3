// The store over SQLite, as the host sees it. A thread does the work, so that a locked or slow store never holds up the
// event loop; this file only turns operations into requests and answers into results.

import { BulkheadError, type Clock, type Json } from '@bulkhead/kernel'
import type {
  DailyLedger,
  KvCaller,
  KvEntry,
  KvListOptions,
  KvNamespace,
  KvPage,
  KvSetOptions,
  KvStore,
  KvWritten,
} from './store.ts'
import { ThreadClient } from './thread-client-node.ts'
import type { Answer, Operation } from './wire.ts'

/** Options of {@link openSqliteStore}. */
export interface SqliteStoreOptions {
  /** Database file; made with mode 0600 when missing. Its folder must exist. */
  readonly file: string
  /** Time for expiry. */
  readonly clock: Pick<Clock, 'now'>
  /** How long a request waits for another process's lock, ms. Default 5000. */
  readonly busyTimeoutMs?: number
}

/**
 * Opens a durable {@link KvStore} over SQLite (WAL, synchronous=FULL: an answered write survives SIGKILL and power loss).
 * No thread and no file exists before the first request. Several processes may use one file.
 */
export const openSqliteStore = (options: SqliteStoreOptions): SqliteKvStore => new SqliteStore(options)

/** A store that also keeps accounts of what is used up in a day. */
export interface SqliteKvStore extends KvStore {
  /** The accounts of one thing (`network`). Their rejections are those of the store. */
  dailyLedger(purpose: string): DailyLedger
}

const dayMs = 86_400_000

class SqliteStore implements SqliteKvStore {
  readonly #clock: Pick<Clock, 'now'>
  readonly #thread: ThreadClient

  constructor({ file, clock, busyTimeoutMs = 5000 }: SqliteStoreOptions) {
    this.#clock = clock
    this.#thread = new ThreadClient({ file, busyTimeoutMs })
  }

  async get(space: KvNamespace, key: string, caller: KvCaller): Promise<KvEntry | undefined> {
    const answer = await this.#ask(space, { kind: 'get', key: encode(key) }, caller)
    if (answer.kind === 'absent') return undefined
    if (answer.kind !== 'entry') throw unexpected(answer)
    return { value: JSON.parse(answer.value) as Json, version: answer.version }
  }

  async set(space: KvNamespace, key: string, value: Json, options: KvSetOptions): Promise<KvWritten> {
    const operation: Operation = {
      kind: 'set',
      key: encode(key),
      value: JSON.stringify(value),
      expires: options.ttlMs === undefined ? null : this.#clock.now() + options.ttlMs,
      ifVersion: options.ifVersion ?? null,
      payer: encode(options.principal),
      quotaBytes: options.quotaBytes,
    }
    const answer = await this.#ask(space, operation, options)
    if (answer.kind === 'over-quota') throw overQuota(answer, options)
    if (answer.kind !== 'written') throw unexpected(answer)
    const { written, version, usedBytes } = answer
    return { written, version, ...(usedBytes === undefined ? {} : { usedBytes }) }
  }

  async delete(space: KvNamespace, key: string, caller: KvCaller): Promise<boolean> {
    const answer = await this.#ask(space, { kind: 'delete', key: encode(key) }, caller)
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
    const answer = await this.#ask(space, operation, options)
    if (answer.kind !== 'keys') throw unexpected(answer)
    const keys = answer.keys.map((key) => decoder.decode(key))
    const last = keys.at(-1)
    return answer.more && last !== undefined ? { keys, cursor: last } : { keys }
  }

  dailyLedger(purpose: string): DailyLedger {
    const ask = async (caller: KvCaller, amount: number, quota: number): Promise<number> => {
      const operation: Operation = {
        kind: 'take',
        payer: encode(caller.principal),
        purpose,
        day: Math.floor(this.#clock.now() / dayMs),
        amount,
        quota,
      }
      const answer = await this.#ask({ scope: 'plugin', owner: caller.principal }, operation, caller)
      if (answer.kind !== 'taken') throw unexpected(answer)
      return answer.amount
    }
    return {
      take: (principal, amount, { quota, signal }) =>
        ask({ principal, ...(signal === undefined ? {} : { signal }) }, amount, quota),
      giveBack: async (principal, amount) => void (await ask({ principal }, -amount, 0)),
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#thread[Symbol.asyncDispose]()
  }

  #ask({ scope, owner }: KvNamespace, operation: Operation, caller: KvCaller): Promise<Answer> {
    return this.#thread.ask({ now: this.#clock.now(), scope, owner: encode(owner), operation }, caller)
  }
}

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
const encode = (text: string): Uint8Array => {
  // Text without a UTF-8 form would be mended, and could then name somebody else's namespace.
  if (!text.isWellFormed()) throw new BulkheadError('input.invalid', 'a key or owner is not well-formed Unicode')
  return encoder.encode(text)
}

const unexpected = (answer: Answer): BulkheadError =>
  new BulkheadError('host.internal', `the key-value store answered ${answer.kind}`)

const overQuota = (answer: Answer & { kind: 'over-quota' }, options: KvSetOptions): BulkheadError =>
  new BulkheadError(
    'limit.storage',
    `the plugin stores ${answer.usedBytes} bytes and would add ${answer.wantedBytes}; its limit is ${options.quotaBytes}`,
    { details: { usedBytes: answer.usedBytes, wantedBytes: answer.wantedBytes, limitBytes: options.quotaBytes } },
  )
