// Keeps a cache within its size: what was used longest ago leaves first. Works on names and times alone, so that a
// damaged index cannot make the cache grow.

import { lstatSync, readdirSync } from 'node:fs'
import { temporarySuffix, unlinkQuietly } from './private-files-node.ts'

/** How large a cache is. */
export interface CacheSize {
  /** Bytes of entries and records. */
  readonly bytes: number
  readonly entries: number
}

/** What {@link evict} keeps within. */
export interface EvictionOptions {
  readonly folder: string
  readonly indexFolder: string
  readonly maxBytes: number
  readonly maxEntries: number
}

/** A file that is being written is left alone for this long. */
const unfinishedMs = 3_600_000

interface Found {
  readonly path: string
  readonly name: string
  readonly bytes: number
  readonly usedAt: number
}

const list = (folder: string): Found[] =>
  readdirSync(folder).flatMap((name) => {
    try {
      const path = `${folder}/${name}`
      const { size, mtimeMs } = lstatSync(path)
      // A time to come would keep an entry for ever.
      return [{ path, name, bytes: size, usedAt: mtimeMs > Date.now() + unfinishedMs ? 0 : mtimeMs }]
    } catch {
      return []
    }
  })

/** Removes what is too much, a little more than needed, and what a dead process left. @returns what is left */
export const evict = ({ folder, indexFolder, maxBytes, maxEntries }: EvictionOptions): CacheSize => {
  const entries = list(folder)
  const names = new Set(entries.map(({ name }) => name))
  const records = new Map(list(indexFolder).map((record) => [record.name, record]))
  const expired = Date.now() - unfinishedMs
  for (const file of [...entries, ...records.values()]) {
    const isUnfinished = file.name.endsWith(temporarySuffix)
    const isOrphan = !names.has(file.name)
    if ((isUnfinished || isOrphan) && file.usedAt < expired) unlinkQuietly(file.path)
  }

  const kept = entries.filter(({ name }) => !name.endsWith(temporarySuffix)).sort((a, b) => a.usedAt - b.usedAt)
  const sizeOf = ({ name, bytes }: Found): number => bytes + (records.get(name)?.bytes ?? 0)
  let bytes = kept.reduce((sum, entry) => sum + sizeOf(entry), 0)
  let count = kept.length
  if (bytes <= maxBytes && count <= maxEntries) return { bytes, entries: count }
  // An eighth of room, so that the next few entries do not each list both folders.
  for (const entry of kept) {
    if (bytes <= maxBytes - maxBytes / 8 && count <= maxEntries - Math.floor(maxEntries / 8)) break
    // The record first: an entry without one is never used and leaves in its turn.
    unlinkQuietly(`${indexFolder}/${entry.name}`)
    unlinkQuietly(entry.path)
    bytes -= sizeOf(entry)
    count--
  }
  return { bytes, entries: count }
}
