// What crosses between the host and a thread that computes. Types only.

import type { WireError } from '@bulkhead/kernel/wire'

/** To the thread: one computation by its name. */
export interface Task {
  readonly name: string
  readonly input: unknown
}

/** From the thread: what came of it. */
export type Answer =
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: WireError }
