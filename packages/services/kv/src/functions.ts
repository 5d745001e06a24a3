// The kv.* host functions: JSON values under text keys, in three scopes that are three capabilities.

import type { AnyHostFunction } from '@bulkhead/kernel'
import { makeKeyFunctions } from './key-functions.ts'
import { makeListFunctions } from './list-functions.ts'
import { makeManyFunctions } from './many-functions.ts'
import type { KvStore } from './store.ts'

/** Declares them over a store. */
export const makeKvFunctions = (store: KvStore): AnyHostFunction[] => [
  ...makeKeyFunctions(store),
  ...makeManyFunctions(store),
  ...makeListFunctions(store),
]
