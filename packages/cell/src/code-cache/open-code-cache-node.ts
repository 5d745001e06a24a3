// The cache of rewritten modules on disk. An entry is used only if a separate record, sealed with a secret of this home,
// says exactly what it must be; bytes are read once and what was read is what is checked. It must be opened on the
// trusted side of a boundary only: whoever holds the secret can make others run what they like.

import { dirname } from 'node:path'
import {
  type CodeCache,
  type CodeCacheOptions,
  defaultMaxBytes,
  defaultMaxEntries,
  type KeptModule,
} from './code-cache.ts'
import { type CacheSize, evict } from './eviction-node.ts'
import { errnoOf, placeFile, readPrivateFile, requirePrivateFolder } from './private-files-node.ts'
import { entryName, maxHeaderBytes, readRecord, sha256Of, writeRecord } from './record.ts'
import { openSealKey } from './seal-key-node.ts'

/** An entry counts as used when it was not within this time: a mark for each use would cost a write each. */
const touchAfterMs = 60_000
/** Another process's entries are counted at least every so many of our own. */
const putsBetweenCounts = 64

/** Keeps nothing. */
const noCache: CodeCache = { get: () => undefined, put: () => {}, [Symbol.dispose]: () => {} }

/**
 * Opens the cache, making its folders (mode 0700) where they are missing; the folder above them must exist. Where it
 * cannot be kept privately, the cache is one that keeps nothing.
 */
export const openCodeCache = (options: CodeCacheOptions): CodeCache => {
  try {
    for (const folder of new Set([dirname(options.folder), dirname(options.indexFolder)])) requirePrivateFolder(folder)
    requirePrivateFolder(options.folder)
    requirePrivateFolder(options.indexFolder)
    return new DiskCache(openSealKey(options.keyFile), options)
  } catch (thrown) {
    options.log?.(`rewritten modules are not kept: ${(thrown as Error).message}`)
    return noCache
  }
}

class DiskCache implements CodeCache {
  readonly #options: CodeCacheOptions
  readonly #maxBytes: number
  readonly #maxEntries: number
  #secret: Uint8Array | undefined
  #size: CacheSize | undefined
  #putsSinceCount = 0

  constructor(secret: Uint8Array, options: CodeCacheOptions) {
    this.#secret = secret
    this.#options = options
    this.#maxBytes = options.maxBytes ?? defaultMaxBytes
    this.#maxEntries = options.maxEntries ?? defaultMaxEntries
  }

  /** No entry may push out most of the others. */
  get #maxEntryBytes(): number {
    return this.#maxBytes / 4
  }

  get(key: string): KeptModule | undefined {
    const secret = this.#secret
    if (secret === undefined) return undefined
    const name = entryName(this.#options.version, key)
    const written = readPrivateFile(`${this.#options.indexFolder}/${name}`, {
      maxBytes: this.#maxEntryBytes + maxHeaderBytes,
    })
    if (written === undefined) return undefined
    const record = readRecord(secret, name, written)
    if (record === undefined) return this.#refuse(name, 'its record is not of this home')
    const bytes = readPrivateFile(`${this.#options.folder}/${name}`, { maxBytes: record.length, touchAfterMs })
    if (bytes === undefined) return this.#refuse(name, 'it cannot be read')
    if (bytes.byteLength !== record.length || sha256Of(bytes) !== record.sha256) {
      return this.#refuse(name, 'its bytes are not what was kept')
    }
    return { bytes, facts: record.facts }
  }

  put(key: string, { bytes, facts }: KeptModule): void {
    const secret = this.#secret
    if (secret === undefined) return
    const name = entryName(this.#options.version, key)
    const record = writeRecord(secret, name, { length: bytes.byteLength, sha256: sha256Of(bytes), facts })
    if (bytes.byteLength + record.byteLength > this.#maxEntryBytes) return
    try {
      placeFile(`${this.#options.folder}/${name}`, bytes)
      placeFile(`${this.#options.indexFolder}/${name}`, record)
      this.#keepWithin(bytes.byteLength + record.byteLength)
    } catch (thrown) {
      this.#options.log?.(`a rewritten module was not kept: ${errnoOf(thrown)}`)
    }
  }

  [Symbol.dispose](): void {
    this.#secret?.fill(0)
    this.#secret = undefined
  }

  /** Counting lists two folders, so what is there is remembered, and counted anew when it may have become too much. */
  #keepWithin(added: number): void {
    const known = this.#size
    if (known !== undefined && ++this.#putsSinceCount < putsBetweenCounts) {
      this.#size = { bytes: known.bytes + added, entries: known.entries + 1 }
      if (this.#size.bytes <= this.#maxBytes && this.#size.entries <= this.#maxEntries) return
    }
    this.#putsSinceCount = 0
    this.#size = evict({ ...this.#options, maxBytes: this.#maxBytes, maxEntries: this.#maxEntries })
  }

  #refuse(name: string, why: string): undefined {
    this.#options.log?.(`the kept module ${name.slice(0, 12)} is built again: ${why}`)
  }
}
