// The sources of a plugin on disk, confined to its real folder: a link that leads out, a pipe or a device is refused,
// and what is opened is checked after it was opened.

import { createHash } from 'node:crypto'
import { constants } from 'node:fs'
import { type FileHandle, open, realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel'
import type { SourceTree } from './source-tree.ts'

/** What bounds the tree of a folder. */
export interface FolderTreeOptions {
  /** Of one file. */
  readonly maxFileBytes: number
  /** SHA-256 of every file that may be read, by path relative to the folder; absent: any. */
  readonly pinned?: ReadonlyMap<string, string>
}

/** Opens the tree of a folder. What is read is what was hashed: a file that changed since is refused. */
export const openFolderTree = async (root: string, options: FolderTreeOptions): Promise<SourceTree> => {
  const { maxFileBytes, pinned } = options
  const realRoot = await realpath(root)
  const inside = (path: string): boolean =>
    path === realRoot || path.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)
  return {
    read: async (path) => {
      const real = await unlessMissing(realpath(join(realRoot, path)))
      if (real === undefined) return undefined
      if (!inside(real)) throw outside(path)
      // Non-blocking, so that a pipe without a writer cannot hold us; no link in the last step.
      const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0) | (constants.O_NOFOLLOW ?? 0)
      const file = await unlessMissing(open(real, flags))
      if (file === undefined) return undefined
      try {
        const bytes = await readChecked(file, { path, real, maxFileBytes })
        if (bytes !== undefined && pinned !== undefined) {
          requirePinned(bytes, { path, expected: pinned.get(relative(realRoot, real).split(sep).join('/')) })
        }
        return bytes
      } finally {
        await file.close()
      }
    },
  }
}

const readChecked = async (
  file: FileHandle,
  { path, real, maxFileBytes }: { path: string; real: string; maxFileBytes: number },
): Promise<Uint8Array | undefined> => {
  const facts = await file.stat()
  if (facts.isDirectory()) return undefined
  if (!facts.isFile()) throw new BulkheadError('artifact.invalid', `${path} is not a regular file`)
  // A folder on the way may have been swapped for a link between the check and the opening.
  if ((await unlessMissing(realpath(real))) !== real) throw outside(path)
  if (facts.size > maxFileBytes) {
    throw new BulkheadError('artifact.too-large', `${path} is ${facts.size} bytes; at most ${maxFileBytes} are bundled`)
  }
  const bytes = new Uint8Array(facts.size)
  const { bytesRead } = await file.read(bytes, 0, bytes.byteLength, 0)
  return bytes.subarray(0, bytesRead)
}

const requirePinned = (bytes: Uint8Array, { path, expected }: { path: string; expected: string | undefined }): void => {
  if (createHash('sha256').update(bytes).digest('hex') === expected) return
  throw new BulkheadError('artifact.invalid', `${path} changed after the plugin was hashed, or took no part in it`, {
    hint: 'Load the plugin again.',
  })
}

const outside = (path: string): BulkheadError =>
  new BulkheadError('artifact.outside', `${path} is a link that leads out of the plugin's folder`)

const missingCodes = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'])
const unlessMissing = async <T>(task: Promise<T>): Promise<T | undefined> => {
  try {
    return await task
  } catch (thrown) {
    const { code } = thrown as NodeJS.ErrnoException
    if (code !== undefined && missingCodes.has(code)) return undefined
    if (code === 'ELOOP')
      throw new BulkheadError('artifact.outside', 'a link of the plugin leads in a circle or changed while it was read')
    throw thrown
  }
}
