// Extism vars: values that a plugin keeps between calls. They live outside the instances, one store for each security
// context, so that a fresh instance finds them and another user's never does.

import { BulkheadError } from '@bulkhead/kernel/wire'

/** Bytes of keys and values that one store holds. */
export const mostVarBytes = 1024 * 1024
/** What a var costs beside its key and value: a million of one byte each would fill the cell's own heap. */
const varCost = 64
/** Stores kept for one plugin; the one used longest ago goes first. */
const mostStores = 64

/** The vars of one security context. */
export class Vars {
  readonly #values = new Map<string, Uint8Array>()
  #bytes = 0

  get(key: string): Uint8Array | undefined {
    return this.#values.get(key)
  }

  /** Sets a var, or deletes it with `undefined`. @throws BulkheadError `limit.storage` */
  set(key: string, value: Uint8Array | undefined): void {
    const before = this.#values.get(key)
    const freed = before === undefined ? 0 : varCost + key.length + before.length
    const taken = value === undefined ? 0 : varCost + key.length + value.length
    const bytes = this.#bytes - freed + taken
    if (bytes > mostVarBytes) {
      throw new BulkheadError('limit.storage', `the vars of the plugin exceed ${mostVarBytes} bytes`, {
        hint: 'Keep less in vars, or use the key-value store.',
      })
    }
    this.#bytes = bytes
    if (value === undefined) this.#values.delete(key)
    else this.#values.set(key, value)
  }
}

/** The stores of one plugin. */
export class VarStores {
  readonly #stores = new Map<string, Vars>()

  /** The store of a security context. */
  of(contextKey: string): Vars {
    const vars = this.#stores.get(contextKey) ?? new Vars()
    this.#stores.delete(contextKey)
    this.#stores.set(contextKey, vars)
    const [oldest] = this.#stores.keys()
    if (this.#stores.size > mostStores && oldest !== undefined) this.#stores.delete(oldest)
    return vars
  }
}
