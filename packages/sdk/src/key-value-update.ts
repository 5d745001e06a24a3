// `kv.update` with a function: read, change, write if nobody else did, else again. On the guest's side, for the host
// never runs a guest's function while it holds a lock.

import type { KeyValueSetOptions, KeyValueStore } from './context.ts'
import { PluginError } from './errors.ts'
import type { Call } from './guest-method.ts'

/** Each lost attempt means that somebody else's write took place; this many in a row are a plugin that races itself. */
const maxAttempts = 1000

/** Makes the method over a store's others. */
export const makeUpdate =
  (store: Pick<KeyValueStore, 'getEntry' | 'setIfVersion'>, call: Call): KeyValueStore['update'] =>
  async <T>(
    key: string,
    change: (value: T | undefined) => T | undefined | Promise<T | undefined>,
    options: KeyValueSetOptions = {},
  ) => {
    // The host function of this name, called with its whole input, was here before the method was.
    if (typeof key === 'object') return call<never>('kv.update', key)
    const { scope } = options
    for (let attempt = 0; attempt < maxAttempts; attempt++) {
      const { found, value, version } = await store.getEntry<T>(key, scope === undefined ? {} : { scope })
      const old = found ? value : undefined
      const next = await change(old)
      if (next === undefined) return old
      const { updated } = await store.setIfVersion(key, next as never, version, options)
      if (updated) return next
    }
    throw new PluginError(`"${key}" changed under each of ${maxAttempts} attempts to update it`, {
      code: 'kv-contended',
    })
  }
