// Reading files that somebody else may have prepared: regular files only (a FIFO never blocks), capped, and never
// outside the folder they were said to be in.

import { close, constants, fstat, open, read, readFile } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import { promisify } from 'node:util'
import { BulkheadError } from '@bulkhead/kernel'

/** How a file is read. */
export interface ReadOptions {
  readonly maxBytes: number
  /** Real path of the folder that the file must really be in. */
  readonly within?: string
  /** For messages: `the manifest`, `the entry file`. */
  readonly what: string
  /**
   * The file's folder was listed a moment ago by its real path, and is `within` itself: only the last name can be a
   * link, and the system says so on opening. Spares the walk over the whole path.
   */
  readonly folderIsReal?: boolean
}

const code = (thrown: unknown): string => (thrown as NodeJS.ErrnoException)?.code ?? ''

/** The real path, checked to be inside the folder. @throws BulkheadError `artifact.missing`, `artifact.outside` */
export const realPathWithin = async (path: string, options: Pick<ReadOptions, 'within' | 'what'>): Promise<string> => {
  let real: string
  try {
    real = await realpath(path)
  } catch (cause) {
    throw new BulkheadError('artifact.missing', `${options.what} ${path} cannot be found (${code(cause)})`, { cause })
  }
  if (options.within !== undefined && real !== options.within && !real.startsWith(options.within + sep)) {
    throw new BulkheadError(
      'artifact.outside',
      `${options.what} ${path} is a link that leaves the folder ${options.within}`,
    )
  }
  return real
}

// Plain descriptors: a FileHandle costs several times the reading of a small file, and ten thousand are read in a row.
const openFile = promisify(open)
const statFile = promisify(fstat)
const readInto = promisify(read)
const readToEnd = promisify(readFile)
const closeFile = promisify(close)

const flags = constants.O_RDONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0)

const openRegularFile = async (path: string, options: ReadOptions): Promise<number> => {
  // Whatever goes wrong here is told by the way below, in its words; Windows cannot refuse a link on opening.
  if (options.folderIsReal === true && constants.O_NOFOLLOW !== undefined) {
    const opened = await openFile(path, flags).catch(() => undefined)
    if (opened !== undefined) return opened
  }
  const real = await realPathWithin(path, options)
  try {
    return await openFile(real, flags)
  } catch (cause) {
    throw new BulkheadError('artifact.missing', `${options.what} ${path} cannot be opened (${code(cause)})`, { cause })
  }
}

/** As many bytes as the file was said to hold; fewer when it became shorter. */
const readSize = async (file: number, size: number): Promise<Uint8Array> => {
  const bytes = new Uint8Array(size)
  let length = 0
  while (length < size) {
    const { bytesRead } = await readInto(file, bytes, length, size - length, null)
    if (bytesRead === 0) return bytes.subarray(0, length)
    length += bytesRead
  }
  return bytes
}

/**
 * Reads a whole regular file. The size is checked on the open descriptor; no more than that is read, or where the
 * descriptor tells none, it is checked again after reading.
 * @throws BulkheadError `artifact.missing`, `artifact.outside`, `artifact.too-large`
 */
export const readRegularFile = async (path: string, options: ReadOptions): Promise<Uint8Array> => {
  const file = await openRegularFile(path, options)
  try {
    const stat = await statFile(file)
    if (!stat.isFile()) throw new BulkheadError('artifact.missing', `${options.what} ${path} is not a regular file`)
    const tooLarge = (): BulkheadError =>
      new BulkheadError('artifact.too-large', `${options.what} ${path} is larger than ${options.maxBytes} bytes`)
    if (stat.size > options.maxBytes) throw tooLarge()
    if (stat.size > 0) return await readSize(file, stat.size)
    // Some file systems do not tell the size.
    const bytes = await readToEnd(file)
    if (bytes.byteLength > options.maxBytes) throw tooLarge()
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  } finally {
    await closeFile(file)
  }
}
