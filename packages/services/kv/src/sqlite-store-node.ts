// The store over SQLite, as the host sees it. A thread does the work, so that a locked or slow store never holds up the
// event loop; this file only turns operations into requests and answers into results.

import { BulkheadError, type Clock, type Json } from '@bulkhead/kernel'
import type {
  DailyLedger,
  KvAdded,
  KvBatchWritten,
  KvCaller,
  KvEntry,
  KvEntryPage,
  KvExpiry,
  KvListOptions,
  KvNamespace,
  KvPage,
  KvPayer,
  KvSetOptions,
  KvSpaceUse,
  KvWrite,
  KvWritten,
  StateStore,
  KvScope,
} from './store.ts'
import { ThreadClient } from './thread-client-node.ts'
import type { Answer, Operation, Range, StoredValue, Write } from './wire.ts'

/** Options of {@link openSqliteStore}. */
export interface SqliteStoreOptions {
  /** Database file; made with mode 0600 when missing. Its folder must exist. */
  readonly file: string
  /** Time for expiry. */
  readonly clock: Pick<Clock, 'now'>
  /** How long a request waits for another process's lock, ms. Default 5000. */
  readonly busyTimeoutMs?: number
  /** How often what has expired is deleted where nobody writes, ms. Default one minute. */
  readonly sweepMs?: number
}

/**
 * Opens a durable {@link StateStore} over SQLite (WAL, synchronous=FULL: an answered write survives SIGKILL and power loss).
 * No thread and no file exists before the first request. Several processes may use one file.
 */
export const openSqliteStore = (options: SqliteStoreOptions): StateStore => new SqliteStore(options)

const dayMs = 86_400_000

class SqliteStore implements StateStore {
  readonly #clock: Pick<Clock, 'now'>
  readonly #thread: ThreadClient

  constructor({ file, clock, busyTimeoutMs = 5000, sweepMs = 60_000 }: SqliteStoreOptions) {
    this.#clock = clock
    this.#thread = new ThreadClient({ file, busyTimeoutMs, sweepMs })
  }

  async get(space: KvNamespace, key: string, caller: KvCaller): Promise<KvEntry | undefined> {
    const [entry] = await this.getMany(space, [key], { ...caller, maxLength: Number.POSITIVE_INFINITY })
    return entry
  }

  async getMany(
    space: KvNamespace,
    keys: readonly string[],
    options: KvCaller & { readonly maxLength: number },
  ): Promise<readonly (KvEntry | undefined)[]> {
    const { maxLength } = options
    const operation: Operation = { kind: 'get', keys: keys.map((key) => encode(key)), maxLength }
    const answer = await this.#ask(space, operation, options)
    if (answer.kind === 'too-long') {
      throw new BulkheadError(
        'limit.output',
        `the ${keys.length} values are more than ${maxLength} characters of JSON`,
        {
          hint: 'Ask for fewer keys at once.',
          details: { limit: maxLength },
        },
      )
    }
    if (answer.kind !== 'values') throw unexpected(answer)
    return answer.values.map((stored) => (stored === null ? undefined : decode(stored)))
  }

  async set(space: KvNamespace, key: string, value: Json, options: KvSetOptions): Promise<KvWritten> {
    const done = await this.setMany(space, [{ ...options, key, value }], options)
    if (!done.written) return { written: false, version: done.version }
    const { usedBytes, versions } = done
    return { written: true, version: versions[0] ?? 0, usedBytes }
  }

  async setMany(space: KvNamespace, writes: readonly KvWrite[], options: KvPayer): Promise<KvBatchWritten> {
    const operation: Operation = {
      kind: 'set',
      writes: writes.map((write) => this.#write(write)),
      payer: encode(options.principal),
      quotaBytes: options.quotaBytes,
    }
    const answer = await this.#ask(space, operation, options)
    if (answer.kind === 'over-quota') throw overQuota(answer, options)
    if (answer.kind === 'conflict') {
      return { written: false, key: writes[answer.at]?.key ?? '', version: answer.version }
    }
    if (answer.kind !== 'written') throw unexpected(answer)
    return { written: true, versions: answer.versions, usedBytes: answer.usedBytes }
  }

  async add(
    space: KvNamespace,
    key: string,
    options: KvPayer & { readonly by: number; readonly ttlMs?: number },
  ): Promise<KvAdded> {
    const operation: Operation = {
      kind: 'add',
      key: encode(key),
      by: options.by,
      expires: this.#expiry(options.ttlMs),
      payer: encode(options.principal),
      quotaBytes: options.quotaBytes,
    }
    const answer = await this.#ask(space, operation, options)
    if (answer.kind === 'over-quota') throw overQuota(answer, options)
    if (answer.kind === 'no-number') throw noNumber(key, answer.why)
    if (answer.kind !== 'written') throw unexpected(answer)
    return { value: answer.value ?? 0, version: answer.versions[0] ?? 0, usedBytes: answer.usedBytes }
  }

  async delete(space: KvNamespace, key: string, caller: KvCaller): Promise<boolean> {
    return (await this.#count(space, { kind: 'delete', key: encode(key) }, caller)) > 0
  }

  clear(space: KvNamespace, options: KvCaller & { readonly prefix: string }): Promise<number> {
    return this.#count(space, { kind: 'clear', prefix: encode(options.prefix) }, options)
  }

  async list(space: KvNamespace, options: KvListOptions): Promise<KvPage> {
    const answer = await this.#ask(space, { kind: 'list', ...rangeOf(options) }, options)
    if (answer.kind !== 'keys') throw unexpected(answer)
    const keys = answer.keys.map((key) => decoder.decode(key))
    return { keys, ...cursorOf(answer.more, keys.at(-1)) }
  }

  async entries(space: KvNamespace, options: KvListOptions & { readonly maxLength: number }): Promise<KvEntryPage> {
    const { maxLength } = options
    const answer = await this.#ask(space, { kind: 'entries', maxLength, ...rangeOf(options) }, options)
    if (answer.kind !== 'entries') throw unexpected(answer)
    const entries = answer.entries.map(({ key, ...stored }) => ({ key: decoder.decode(key), ...decode(stored) }))
    return { entries, ...cursorOf(answer.more, entries.at(-1)?.key) }
  }

  async spaces(caller: KvCaller): Promise<readonly KvSpaceUse[]> {
    const answer = await this.#ask({ scope: 'global', owner: '' }, { kind: 'spaces' }, caller)
    if (answer.kind !== 'spaces') throw unexpected(answer)
    return answer.spaces.map(({ scope, owner, ...use }) => ({
      scope: scope as KvScope,
      owner: decoder.decode(owner),
      ...use,
    }))
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

  async #count(space: KvNamespace, operation: Operation, caller: KvCaller): Promise<number> {
    const answer = await this.#ask(space, operation, caller)
    if (answer.kind !== 'deleted') throw unexpected(answer)
    return answer.count
  }

  #write({ key, value, ifVersion, ttlMs, keepExpiry = false }: KvWrite & KvExpiry): Write {
    return {
      key: encode(key),
      value: JSON.stringify(value),
      expires: keepExpiry ? 'kept' : this.#expiry(ttlMs),
      ifVersion: ifVersion ?? null,
    }
  }

  #expiry(ttlMs: number | undefined): number | null {
    return ttlMs === undefined ? null : this.#clock.now() + ttlMs
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

const decode = ({ value, version }: StoredValue): KvEntry => {
  try {
    return { value: JSON.parse(value) as Json, version }
  } catch (cause) {
    // Not its text: it may be anybody's.
    throw new BulkheadError('kv.failed', 'the key-value store is damaged: a value in it is no JSON', { cause })
  }
}

const rangeOf = ({ prefix, cursor, limit }: KvListOptions): Range => ({
  prefix: encode(prefix),
  after: cursor === undefined ? null : encode(cursor),
  limit,
})

const cursorOf = (more: boolean, last: string | undefined): { cursor?: string } =>
  more && last !== undefined ? { cursor: last } : {}

const noNumber = (key: string, why: 'not-a-number' | 'too-large'): BulkheadError =>
  why === 'not-a-number'
    ? new BulkheadError('input.invalid', `"${key}" holds no number`, {
        hint: 'Only a key that holds a number, or that is absent, can be added to.',
      })
    : new BulkheadError('input.invalid', `the sum under "${key}" is too large to be exact`, {
        hint: 'Whole numbers are exact up to 9007199254740991 in size.',
      })

const unexpected = (answer: Answer): BulkheadError =>
  new BulkheadError('host.internal', `the key-value store answered ${answer.kind}`)

const overQuota = (answer: Answer & { kind: 'over-quota' }, options: KvPayer): BulkheadError =>
  new BulkheadError(
    'limit.storage',
    `the plugin stores ${answer.usedBytes} bytes and would add ${answer.wantedBytes}; its limit is ${options.quotaBytes}`,
    { details: { usedBytes: answer.usedBytes, wantedBytes: answer.wantedBytes, limitBytes: options.quotaBytes } },
  )
