// Which loaded plugins stay ready: the most recently used, for a while. One that is evicted ends once no call runs.

import { LRUCache } from 'lru-cache'

/** The cache's bounds. */
export interface LoadedCacheOptions {
  readonly maxPlugins: number
  readonly ttlMs: number
  /** Unloads a plugin; called when it was evicted or sat idle for `ttlMs`. */
  unload(name: string): void
}

/** Keeps loaded plugins. */
export interface LoadedCache extends Disposable {
  touch(name: string): void
  forget(name: string): void
  readonly names: readonly string[]
}

/** Makes the cache. */
export const makeLoadedCache = (options: LoadedCacheOptions): LoadedCache => {
  let forgetting = false
  const cache = new LRUCache<string, true>({
    max: options.maxPlugins,
    ttl: options.ttlMs,
    // How fresh its idea of the time is: every call asks.
    ttlResolution: Math.min(1000, Math.ceil(options.ttlMs / 100)),
    updateAgeOnGet: true,
    noDisposeOnSet: true,
    dispose: (_value, name, reason) => {
      if (!forgetting && reason !== 'set') options.unload(name)
    },
  })
  // Expiry is looked for at an interval: a timer for each entry would cost more than it brings.
  const sweep = setInterval(() => cache.purgeStale(), Math.max(50, Math.min(30_000, options.ttlMs / 4)))
  sweep.unref()
  return {
    touch: (name) => {
      if (cache.get(name) === undefined) cache.set(name, true)
    },
    forget: (name) => {
      forgetting = true
      cache.delete(name)
      forgetting = false
    },
    get names() {
      return [...cache.keys()]
    },
    [Symbol.dispose]: () => {
      clearInterval(sweep)
      forgetting = true
      cache.clear()
    },
  }
}
