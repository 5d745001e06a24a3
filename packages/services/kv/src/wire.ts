// What crosses between the store's client and its thread. Types only: the thread must start fast, so it imports
// nothing but this and node:sqlite.

/** What the thread is started with. */
export interface ThreadData {
  readonly file: string
  readonly busyTimeoutMs: number
  /** How often what has expired is looked for where nobody writes. */
  readonly sweepMs: number
}

/** One key to write. */
export interface Write {
  readonly key: Uint8Array
  /** JSON text. */
  readonly value: string
  /** Milliseconds since the Unix epoch; null: never; `kept`: as the key has it. */
  readonly expires: number | null | 'kept'
  readonly ifVersion: number | null
}

/** Who pays, and how much it may store. */
export interface Payment {
  readonly payer: Uint8Array
  readonly quotaBytes: number
}

/** One operation. Texts that name something travel as UTF-8 bytes, so that SQLite compares bytes. */
export type Operation =
  | { readonly kind: 'get'; readonly keys: readonly Uint8Array[]; readonly maxLength: number }
  /** All or none. */
  | ({ readonly kind: 'set'; readonly writes: readonly Write[] } & Payment)
  | ({
      readonly kind: 'add'
      readonly key: Uint8Array
      readonly by: number
      /** Of a key that is made by it. */
      readonly expires: number | null
    } & Payment)
  | { readonly kind: 'delete'; readonly key: Uint8Array }
  | {
      readonly kind: 'take'
      readonly payer: Uint8Array
      readonly purpose: string
      readonly day: number
      /** Below 0: gives back. */
      readonly amount: number
      readonly quota: number
    }
  | ({ readonly kind: 'list' } & Range)
  /** As many as fit; at least one. */
  | ({ readonly kind: 'entries'; readonly maxLength: number } & Range)
  /** Of all namespaces. */
  | { readonly kind: 'spaces' }
  | { readonly kind: 'clear'; readonly prefix: Uint8Array }

/** Which keys of a namespace. */
export interface Range {
  readonly prefix: Uint8Array
  readonly after: Uint8Array | null
  readonly limit: number
}

/** A request: an operation in a namespace at a time. */
export interface Request {
  readonly id: number
  /** Milliseconds since the Unix epoch, by the host's clock. */
  readonly now: number
  readonly scope: string
  readonly owner: Uint8Array
  readonly operation: Operation
}

/** To the thread. */
export type ToThread =
  | { readonly kind: 'request'; readonly request: Request }
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'close' }

/** What an operation gives back. */
export type Answer =
  /** One for each key that was asked for. */
  | { readonly kind: 'values'; readonly values: readonly (StoredValue | null)[] }
  | {
      readonly kind: 'written'
      readonly versions: readonly number[]
      readonly value?: number
      readonly usedBytes: number
    }
  /** The first write whose version did not fit, and what is there. */
  | { readonly kind: 'conflict'; readonly at: number; readonly version: number }
  | { readonly kind: 'no-number'; readonly why: 'not-a-number' | 'too-large' }
  | { readonly kind: 'taken'; readonly amount: number }
  | { readonly kind: 'deleted'; readonly count: number }
  | { readonly kind: 'keys'; readonly keys: readonly Uint8Array[]; readonly more: boolean }
  | {
      readonly kind: 'entries'
      readonly entries: readonly (StoredValue & { readonly key: Uint8Array })[]
      readonly more: boolean
    }
  | { readonly kind: 'spaces'; readonly spaces: readonly StoredSpace[] }
  | { readonly kind: 'over-quota'; readonly usedBytes: number; readonly wantedBytes: number }
  | { readonly kind: 'too-long'; readonly length: number }
  | { readonly kind: 'failed'; readonly message: string; readonly busy: boolean; readonly hint?: string }

/** A value as it lies in the store. */
export interface StoredValue {
  /** JSON text. */
  readonly value: string
  readonly version: number
}

/** What one namespace holds. */
export interface StoredSpace {
  readonly scope: string
  readonly owner: Uint8Array
  readonly keys: number
  readonly bytes: number
}

/** From the thread: the answers of one transaction, or the end. */
export type FromThread =
  | { readonly kind: 'answers'; readonly answers: readonly { readonly id: number; readonly answer: Answer }[] }
  | { readonly kind: 'closed' }
