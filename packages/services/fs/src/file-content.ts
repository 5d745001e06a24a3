// Reads and writes the content of one entry that a walk has reached: regular files only, bounded, and replaced as a
// whole. It asks no permission; whoever walked here did.

import { randomBytes } from 'node:crypto'
import { constants, type Stats } from 'node:fs'
import { link, lstat, open, rename, unlink } from 'node:fs/promises'
import { BulkheadError } from '@bulkhead/kernel'
import { errnoOf, notRegular, tooLarge } from './failure.ts'
import { readDescriptor, writeDescriptor } from './descriptor.ts'
import type { Walked } from './walk.ts'

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = constants

/** What bounds an operation. */
export interface ContentOptions {
  readonly maxBytes: number
  /** For messages. */
  readonly what: string
}

/** @throws BulkheadError `fs.not-regular`, `limit.file-size`; system errors as they are */
export const readContent = async (walked: Walked, options: ContentOptions): Promise<Uint8Array> =>
  walked.parent.pin(walked.name, async (pinned) => {
    requireRegular(pinned.stats, options.what)
    if (pinned.stats.size > options.maxBytes) throw tooLarge(options.what, options.maxBytes)
    return readDescriptor(await pinned.reopen(O_RDONLY, walked.parent.at(walked.name)), pinned.stats.size, options)
  })

/** Creates the file with this content. @throws BulkheadError `limit.file-size`; `EEXIST` as it is */
export const createContent = async (walked: Walked, data: Uint8Array, options: ContentOptions): Promise<void> => {
  if (data.byteLength > options.maxBytes) throw tooLarge(options.what, options.maxBytes)
  await throughTemporary(walked, { data, mode: 0o666 }, async (temporary) => {
    // A link, unlike a rename, never replaces what is there.
    await link(temporary, walked.parent.at(walked.name))
    await unlink(temporary)
  })
}

/**
 * Puts the content in the place of whatever file is there: readers see the old file or the new one, never half of it.
 * Other hard links to the old file keep the old content.
 *
 * @throws BulkheadError `fs.not-regular`, `limit.file-size`; system errors as they are
 */
export const replaceContent = async (walked: Walked, data: Uint8Array, options: ContentOptions): Promise<void> => {
  if (data.byteLength > options.maxBytes) throw tooLarge(options.what, options.maxBytes)
  const old = await statEntry(walked)
  if (old !== undefined) requireRegular(old, options.what)
  // Set-id bits are not carried over to content that a plugin wrote.
  const mode = old === undefined ? 0o666 : old.mode & 0o777
  await throughTemporary(walked, { data, mode, keepMode: old !== undefined }, (temporary) =>
    rename(temporary, walked.parent.at(walked.name)),
  )
}

/**
 * Adds to the file, or creates it. A file with several names is refused: one of them may lie outside the grant.
 *
 * @throws BulkheadError `fs.not-regular`, `fs.failed`, `limit.file-size`; system errors as they are
 */
export const appendContent = async (walked: Walked, data: Uint8Array, options: ContentOptions): Promise<void> => {
  if ((await statEntry(walked)) === undefined) {
    try {
      return await createContent(walked, data, options)
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw error
    }
  }
  await walked.parent.pin(walked.name, async (pinned) => {
    requireRegular(pinned.stats, options.what)
    if (pinned.stats.nlink > 1) {
      throw new BulkheadError('fs.failed', `${options.what}: the file has several hard links`, {
        hint: 'Use mode "overwrite", which puts a new file in its place.',
      })
    }
    if (pinned.stats.size + data.byteLength > options.maxBytes) throw tooLarge(options.what, options.maxBytes)
    await writeDescriptor(await pinned.reopen(O_WRONLY | O_APPEND, walked.parent.at(walked.name)), data)
  })
}

/** The entry itself, links not followed; undefined when there is none. */
export const statEntry = async (walked: Walked): Promise<Stats | undefined> => {
  try {
    return await lstat(walked.parent.at(walked.name))
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw error
  }
}

/** @throws BulkheadError `fs.not-regular` */
export const requireRegular = (stats: Stats, what: string): void => {
  if (stats.isDirectory()) throw notRegular(what, 'it is a folder')
  // The walk resolved the link that was there; one that appeared since is somebody's race.
  if (stats.isSymbolicLink()) throw notRegular(what, 'it became a link meanwhile')
  if (!stats.isFile()) throw notRegular(what, 'it is a pipe, a device or a socket')
}

const throughTemporary = async (
  walked: Walked,
  file: { data: Uint8Array; mode: number; keepMode?: boolean },
  place: (temporary: string) => Promise<void>,
): Promise<void> => {
  const temporary = walked.parent.at(`.bulkhead-${randomBytes(12).toString('hex')}.tmp`)
  const handle = await open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, file.mode)
  try {
    try {
      await handle.writeFile(file.data)
      // The umask narrowed the mode; an existing file's own is kept.
      if (file.keepMode === true) await handle.chmod(file.mode)
    } finally {
      await handle.close()
    }
    await walked.parent.verify()
    await place(temporary)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
}
