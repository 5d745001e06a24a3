// What crosses between the store's client and its thread. Types only: the thread must start fast, so it imports
// nothing but this and node:sqlite.

/** What the thread is started with. */
export interface ThreadData {
  readonly file: string
  readonly busyTimeoutMs: number
}

/** One operation. Texts that name something travel as UTF-8 bytes, so that SQLite compares bytes. */
export type Operation =
  | { readonly kind: 'get'; readonly key: Uint8Array }
  | {
      readonly kind: 'set'
      readonly key: Uint8Array
      /** JSON text. */
      readonly value: string
      readonly expires: number | null
      readonly ifVersion: number | null
      readonly payer: Uint8Array
      readonly quotaBytes: number
    }
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
  | { readonly kind: 'list'; readonly prefix: Uint8Array; readonly after: Uint8Array | null; readonly limit: number }

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
  | { readonly kind: 'entry'; readonly value: string; readonly version: number }
  | { readonly kind: 'absent' }
  | { readonly kind: 'written'; readonly written: boolean; readonly version: number; readonly usedBytes?: number }
  | { readonly kind: 'taken'; readonly amount: number }
  | { readonly kind: 'deleted'; readonly was: boolean }
  | { readonly kind: 'keys'; readonly keys: readonly Uint8Array[]; readonly more: boolean }
  | { readonly kind: 'over-quota'; readonly usedBytes: number; readonly wantedBytes: number }
  | { readonly kind: 'failed'; readonly message: string; readonly busy: boolean }

/** From the thread: the answers of one transaction, or the end. */
export type FromThread =
  | { readonly kind: 'answers'; readonly answers: readonly { readonly id: number; readonly answer: Answer }[] }
  | { readonly kind: 'closed' }
