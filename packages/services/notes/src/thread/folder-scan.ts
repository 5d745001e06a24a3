// Brings the index to what lies in the folder: a walk over all of it in small steps, and single files that somebody told of.
// What is the same by size, times and inode is not read again.

import type { Dirent } from 'node:fs'
import { NoteFailure } from '../folder/note-failure.ts'
import { temporaryName, type VaultFolder } from '../folder/vault-folder.ts'
import type { IndexDatabase } from '../index/database.ts'
import { type NoteIndex, signatureOf } from '../index/note-index.ts'
import { isNoteName, maxFolderDepth, pathFault } from '../markdown/note-path.ts'

/** Entries of one vault that are looked at. */
const maxEntries = 500_000
/** Files that are looked at in one step. */
const batchSize = 64

/** What a scan works with. */
export interface ScanPowers {
  readonly folder: VaultFolder
  readonly database: IndexDatabase
  readonly index: NoteIndex
  readonly maxNoteBytes: number
  /** Told of every folder that is there. */
  visited(folder: string): void
  /** Told of a temporary file, which may be left over from a dead process. */
  leftOver(path: string): void
}

/** Looks at one file or what was one, within a transaction of the caller's. */
export const syncFile = ({ folder, index, maxNoteBytes }: ScanPowers, path: string): void => {
  const stats = folder.stat(path)
  if (stats === undefined || !stats.isFile()) return index.remove(path)
  if (index.knows(path, stats)) return
  if (stats.size > maxNoteBytes) return index.skip(path, `larger than ${maxNoteBytes} bytes`)
  try {
    const file = folder.read(path, maxNoteBytes)
    if (file === undefined) index.remove(path)
    else index.put({ path, ...file })
  } catch (error) {
    const code = error instanceof NoteFailure ? error.kind : (error as NodeJS.ErrnoException).code
    index.skip(path, `cannot be read (${code})`)
  }
}

/**
 * Walks the folder and all below, or a part of it; each step is short. Whoever drives it opens transactions around steps.
 * What is in the index and not in the folder is taken out at the end.
 */
export const scanFolder = function* (powers: ScanPowers, part = ''): Generator<void> {
  const { database, folder, index } = powers
  const within = part === '' ? '' : ' WHERE path >= ? AND path < ?'
  const bounds = part === '' ? [] : [`${part}/`, `${part}0`]
  const known = new Map(
    database
      .all(`SELECT path, signature FROM note${within}`, ...bounds)
      .map(({ path, signature }) => [String(path), String(signature)]),
  )
  for (const { path } of database.all(`SELECT path FROM skipped${within}`, ...bounds)) known.set(String(path), '')
  const waiting = [part]
  let left = maxEntries
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    // Before it is listed: what comes in between is heard of.
    powers.visited(at)
    const entries = folder.list(at)
    const notes: string[] = []
    for (const entry of entries.slice(0, left)) {
      const path = pathIn(at, entry.name)
      const kind = kindOf(entry, path)
      if (kind === 'temporary') powers.leftOver(path)
      if (kind === 'folder' && at.split('/').length < maxFolderDepth) waiting.push(path)
      if (kind === 'note') notes.push(entry.name)
    }
    yield
    yield* syncFolder(powers, known, { at, notes })
    left -= entries.length
    if (left < 0) {
      index.skip('…', `more than ${maxEntries} files and folders; the rest is left out`)
      return
    }
  }
  for (const path of known.keys()) {
    syncFile(powers, path)
    yield
  }
}

/** Looks at the notes of one folder, and reads those that are not known as they are; takes them out of what is known. */
const syncFolder = function* (
  powers: ScanPowers,
  known: Map<string, string>,
  { at, notes }: { readonly at: string; readonly notes: readonly string[] },
): Generator<void> {
  for (let from = 0; from < notes.length; from += batchSize) {
    const names = notes.slice(from, from + batchSize)
    for (const [place, stats] of powers.folder.stats(at, names).entries()) {
      const path = pathIn(at, names[place] ?? '')
      const signature = known.get(path)
      known.delete(path)
      if (stats !== undefined && signature === signatureOf(stats)) continue
      syncFile(powers, path)
      yield
    }
    yield
  }
}

const pathIn = (folder: string, name: string): string => (folder === '' ? name : `${folder}/${name}`)

const kindOf = (entry: Dirent, path: string): 'note' | 'folder' | 'temporary' | undefined => {
  if (temporaryName.test(entry.name)) return entry.isFile() ? 'temporary' : undefined
  // Hidden names belong to programs; a name that no plugin could spell is of no use to one. Links are not followed.
  if (pathFault(path) !== undefined) return undefined
  if (entry.isDirectory()) return 'folder'
  return entry.isFile() && isNoteName(entry.name) ? 'note' : undefined
}
