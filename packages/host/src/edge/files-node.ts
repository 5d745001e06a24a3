// Reading files that somebody else may have prepared: regular files only (a FIFO never blocks), capped, and never
// outside the folder they were said to be in.

import { constants } from 'node:fs'
import { open, realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import { BulkheadError } from '@bulkhead/kernel'

/** How a file is read. */
export interface ReadOptions {
  readonly maxBytes: number
  /** Real path of the folder that the file must really be in. */
  readonly within?: string
  /** For messages: `the manifest`, `the entry file`. */
  readonly what: string
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

/**
 * Reads a whole regular file. The size is checked on the open descriptor and again while reading.
 * @throws BulkheadError `artifact.missing`, `artifact.outside`, `artifact.too-large`
 */
export const readRegularFile = async (path: string, options: ReadOptions): Promise<Uint8Array> => {
  const real = await realPathWithin(path, options)
  let file: Awaited<ReturnType<typeof open>>
  try {
    file = await open(real, constants.O_RDONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0))
  } catch (cause) {
    throw new BulkheadError('artifact.missing', `${options.what} ${path} cannot be opened (${code(cause)})`, { cause })
  }
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new BulkheadError('artifact.missing', `${options.what} ${path} is not a regular file`)
    const tooLarge = (): BulkheadError =>
      new BulkheadError('artifact.too-large', `${options.what} ${path} is larger than ${options.maxBytes} bytes`)
    if (stat.size > options.maxBytes) throw tooLarge()
    const bytes = await file.readFile()
    if (bytes.byteLength > options.maxBytes) throw tooLarge()
    return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  } finally {
    await file.close()
  }
}
