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

/** On whose behalf, and how much that one may store. */
export interface KvPayer extends KvCaller {
  /** What the principal may store in all namespaces together, bytes. */
  readonly quotaBytes: number
}

/** When a key expires. */
export interface KvExpiry {
  /** Milliseconds until the key expires; it never does when absent. */
  readonly ttlMs?: number
  /** Leaves the expiry that the key has; `ttlMs` is then passed over. */
  readonly keepExpiry?: boolean
}

/** How a value is written. */
export interface KvSetOptions extends KvPayer, KvExpiry {
  /** Write only if the key has this version now; 0: only if it does not exist. */
  readonly ifVersion?: number
}

/** One write of several. */
export interface KvWrite extends KvExpiry {
  readonly key: string
  readonly value: Json
  readonly ifVersion?: number
}

/** What came of several writes: all of them or none. */
export type KvBatchWritten =
  | { readonly written: true; readonly versions: readonly number[]; readonly usedBytes: number }
  /** The first key whose version did not fit, and its present one. */
  | { readonly written: false; readonly key: string; readonly version: number }

/** What a number became. */
export interface KvAdded {
  readonly value: number
  readonly version: number
  readonly usedBytes: number
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

/** A page of entries. */
export interface KvEntryPage {
  readonly entries: readonly (KvEntry & { readonly key: string })[]
  readonly cursor?: string
}

/** What one namespace holds. */
export interface KvSpaceUse extends KvNamespace {
  readonly keys: number
  /** As quotas count it. */
  readonly bytes: number
}

/**
 * A durable store. A write that resolved survives the death of the process and the loss of power. A call whose signal
 * aborts rejects at once; whether its write took place is then unknown. All reject with BulkheadError `kv.failed`;
 * those that write also with `limit.storage`. Each operation takes place at one moment, whatever else uses the store.
 */
export interface KvStore extends AsyncDisposable {
  get(space: KvNamespace, key: string, caller: KvCaller): Promise<KvEntry | undefined>
  /** In the order of the keys, as they were at one moment. @throws BulkheadError `limit.output` above `maxLength` of JSON */
  getMany(
    space: KvNamespace,
    keys: readonly string[],
    options: KvCaller & { readonly maxLength: number },
  ): Promise<readonly (KvEntry | undefined)[]>
  set(space: KvNamespace, key: string, value: Json, options: KvSetOptions): Promise<KvWritten>
  /** All writes or none; no key twice. */
  setMany(space: KvNamespace, writes: readonly KvWrite[], options: KvPayer): Promise<KvBatchWritten>
  /**
   * Adds to a number; a key that is absent counts as 0 and gets the expiry, another keeps the one that it has.
   * @throws BulkheadError `input.invalid` when the key holds no number, or the sum is none that is exact
   */
  add(
    space: KvNamespace,
    key: string,
    options: KvPayer & { readonly by: number; readonly ttlMs?: number },
  ): Promise<KvAdded>
  /** @returns whether the key was there */
  delete(space: KvNamespace, key: string, caller: KvCaller): Promise<boolean>
  list(space: KvNamespace, options: KvListOptions): Promise<KvPage>
  /** As `list`, with values: as many as fit into `maxLength` of JSON, and at least one. */
  entries(space: KvNamespace, options: KvListOptions & { readonly maxLength: number }): Promise<KvEntryPage>
  /** For an operator: every namespace that holds something. */
  spaces(caller: KvCaller): Promise<readonly KvSpaceUse[]>
  /** For an operator: deletes the keys with a prefix. @returns how many there were */
  clear(space: KvNamespace, options: KvCaller & { readonly prefix: string }): Promise<number>
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

/** A store that also keeps accounts of what is used up in a day: all that a host keeps of its plugins. */
export interface StateStore extends KvStore {
  /** The accounts of one thing (`network`). Their rejections are those of the store. */
  dailyLedger(purpose: string): DailyLedger
}
