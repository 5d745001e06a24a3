// What a cache of rewritten modules is to its user. The cache saves work and decides nothing: whatever is wrong with it,
// it answers "not here", and the module is rewritten as if there were no cache.

/** A rewritten module as it is kept. */
export interface KeptModule {
  readonly bytes: Uint8Array
  /** What the meter tells about the module, as JSON; protected as the bytes are. */
  readonly facts: string
}

/** Keeps rewritten modules between runs. Never throws; safe to use from many threads and processes at once. */
export interface CodeCache extends Disposable {
  /** What was put under the key by this version of the meter in this home, byte for byte; else undefined. */
  get(key: string): KeptModule | undefined
  /** Keeps a module, if it can. */
  put(key: string, module: KeptModule): void
}

/** Where the three parts of a cache are. All belong to one user alone. */
export interface CodeCachePaths {
  /** Rewritten bytes. */
  readonly folder: string
  /** What the rewritten bytes must be; never in `folder`. */
  readonly indexFolder: string
  /** Secret of the home: what another home wrote does not verify. */
  readonly keyFile: string
}

/** Options of `openCodeCache`. */
export interface CodeCacheOptions extends CodeCachePaths {
  /** Version of the meter; another version finds nothing of this one's. */
  readonly version: string
  /** Bytes of all entries and their records; 256 MiB by default. */
  readonly maxBytes?: number
  /** Entries; 4096 by default. */
  readonly maxEntries?: number
  /** Told once why there is no cache, and of each entry that was not as it should be. For the level debug. */
  log?(message: string): void
}

/** Bytes of a whole cache when nothing else is said. */
export const defaultMaxBytes = 256 * 1024 * 1024

/** Entries of a whole cache when nothing else is said. */
export const defaultMaxEntries = 4096

/** The places in a state folder. */
export const codeCachePaths = (home: string): CodeCachePaths => ({
  folder: `${home}/cache/modules`,
  indexFolder: `${home}/cache/modules.index`,
  keyFile: `${home}/cache.key`,
})
