// What crosses between the host and a thread that computes. Types only.

import type { WireError } from '@bulkhead/kernel/wire'

/** To the thread: one computation by its name. */
export interface Task {
  readonly name: string
  readonly input: unknown
}

/** From the thread: that it has begun, and what came of it. */
export type Answer =
  | { readonly kind: 'begun' }
  | { readonly kind: 'result'; readonly result: unknown }
  | { readonly kind: 'failed'; readonly error: WireError }
