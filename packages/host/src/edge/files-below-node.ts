// Lists and reads the files below a folder that somebody else may have prepared: bounded in depth, in number and in
// bytes together, since sparse files make a great deal to read out of next to nothing to ship. Follows no links.

import type { Dirent } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel'
import { readRegularFile } from './files-node.ts'

/** Deepest folder that is looked into. */
const maxDepth = 64
/** Most entries of all folders together, whether they are taken or not. */
const maxEntries = 100_000

/** What is listed. */
export interface ListOptions {
  readonly maxFiles: number
  /** For messages: `source files`. */
  readonly what: string
  readonly hint: string
  /** Whether an entry that is no folder is one of the files. May throw. */
  takes(entry: Dirent, path: string): boolean
  /** Whether a folder is passed over. */
  skips?(entry: Dirent): boolean
}

/**
 * Paths of the files below the folder, relative to it and sorted.
 * @throws BulkheadError `artifact.too-large`, `artifact.missing` for a folder that cannot be read
 */
export const listFilesBelow = async (root: string, options: ListOptions): Promise<string[]> => {
  const { maxFiles, what, hint } = options
  const tooLarge = (message: string): BulkheadError =>
    new BulkheadError('artifact.too-large', `${root} ${message}`, { hint })
  const files: string[] = []
  let entries = 0
  const walk = async (at: string, depth: number): Promise<void> => {
    if (depth > maxDepth) throw tooLarge(`holds folders in folders more than ${maxDepth} deep`)
    const found = await readdir(at, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
      throw new BulkheadError('artifact.missing', `${at} cannot be read (${cause.code ?? 'error'})`, { cause })
    })
    entries += found.length
    if (entries > maxEntries) throw tooLarge(`holds more than ${maxEntries} files and folders`)
    for (const entry of found) {
      const full = join(at, entry.name)
      if (entry.isDirectory()) {
        if (options.skips?.(entry) !== true) await walk(full, depth + 1)
      } else if (options.takes(entry, full)) files.push(relative(root, full))
      if (files.length > maxFiles) throw tooLarge(`holds more than ${maxFiles} ${what}`)
    }
  }
  await walk(root, 0)
  return files.sort()
}

/** How they are read. */
export interface ReadFilesOptions {
  /** Real path of the folder. */
  readonly root: string
  /** Relative to it. */
  readonly files: readonly string[]
  /** Of one file. */
  readonly maxBytes: number
  /** Of all together. */
  readonly maxTotalBytes: number
  /** For messages: `source file`. */
  readonly what: string
  readonly hint: string
}

/**
 * Reads one after the other.
 * @throws BulkheadError as {@link readRegularFile}, and `artifact.too-large` for all together
 */
export async function* readFilesBelow(options: ReadFilesOptions): AsyncGenerator<[file: string, bytes: Uint8Array]> {
  const { root, files, maxBytes, maxTotalBytes, what, hint } = options
  let left = maxTotalBytes
  for (const file of files) {
    const bytes = await readRegularFile(join(root, file), { maxBytes, within: root, what: `the ${what}` })
    left -= bytes.byteLength
    if (left < 0) {
      throw new BulkheadError('artifact.too-large', `${root} holds ${what}s of more than ${maxTotalBytes} bytes`, {
        hint,
      })
    }
    yield [file, bytes]
  }
}
