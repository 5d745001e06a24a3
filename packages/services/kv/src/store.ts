// The port behind the kv.* functions: what a store must do. It knows namespaces and quotas, nothing of permissions.

import type { Json } from '@bulkhead/kernel'

export const kvScopes = ['plugin', 'workspace', 'global'] as const
/** Whose data it is: one principal's, one workspace's, everybody's. */
export type KvScope = (typeof kvScopes)[number]

/** One namespace. Two namespaces never share a key: the pair is compared byte by byte, nothing is joined into one text. */
export interface KvNamespace {
  readonly scope: KvScope
  /** Principal id, workspace, or empty for `global`. */
  readonly owner: string
}

/** A stored value. */
export interface KvEntry {
  readonly value: Json
  /** Rises with every change of the namespace and is never used twice in it. At least 1. */
  readonly version: number
}

/** On whose behalf. */
export interface KvCaller {
  /** Principal id: pays for what it writes, and waits behind nobody else's requests. */
  readonly principal: string
  readonly signal?: AbortSignal
}

/** How a value is written. */
export interface KvSetOptions extends KvCaller {
  /** Milliseconds until the key expires; it never does when absent. */
  readonly ttlMs?: number
  /** Write only if the key has this version now; 0: only if it does not exist. */
  readonly ifVersion?: number
  /** What the principal may store in all namespaces together, bytes. */
  readonly quotaBytes: number
}

/** What came of a write. `written` is false only for a version that did not fit; `version` is then the present one, 0 if none. */
export interface KvWritten {
  readonly written: boolean
  readonly version: number
  /** What the principal stores in all namespaces together, after a write that took place. */
  readonly usedBytes?: number
}

/** A page of keys in byte order of their UTF-8. `cursor` is present when there are more. */
export interface KvPage {
  readonly keys: readonly string[]
  readonly cursor?: string
}

/** Which keys to list. */
export interface KvListOptions extends KvCaller {
  readonly prefix: string
  readonly limit: number
  /** Keys after this one. */
  readonly cursor?: string
}

/**
 * A durable store. A write that resolved survives the death of the process and the loss of power. A call whose signal
 * aborts rejects at once; whether its write took place is then unknown. All reject with BulkheadError `kv.failed`;
 * `set` also with `limit.storage`.
 */
export interface KvStore extends AsyncDisposable {
  get(space: KvNamespace, key: string, caller: KvCaller): Promise<KvEntry | undefined>
  set(space: KvNamespace, key: string, value: Json, options: KvSetOptions): Promise<KvWritten>
  /** @returns whether the key was there */
  delete(space: KvNamespace, key: string, caller: KvCaller): Promise<boolean>
  list(space: KvNamespace, options: KvListOptions): Promise<KvPage>
}

/** What principals may use up of one thing in a day (UTC), counted over all processes that share the store. */
export interface DailyLedger {
  /** Takes up to `amount` out of the day's `quota`; what was taken counts until it is given back or the day ends. */
  take(
    principal: string,
    amount: number,
    options: { readonly quota: number; readonly signal?: AbortSignal },
  ): Promise<number>
  giveBack(principal: string, amount: number): Promise<void>
}
