// Turns system errors into ours. Messages name the path as the plugin gave it: where links led is not told.

import { BulkheadError } from '@bulkhead/kernel'

/** The `code` of a system error. */
export const errnoOf = (thrown: unknown): string => {
  const code = (thrown as NodeJS.ErrnoException | undefined)?.code
  return typeof code === 'string' ? code : 'unknown'
}

/** @returns `fs.not-found` for what is not there, `fs.not-regular` for what is no file or folder, else `fs.failed` */
export const fsFailure = (thrown: unknown, what: string): BulkheadError => {
  if (thrown instanceof BulkheadError) return thrown
  const reason = errnoOf(thrown)
  const options = { details: { reason }, cause: thrown }
  if (reason === 'ENOENT' || reason === 'ENOTDIR')
    return new BulkheadError('fs.not-found', `${what}: not found`, options)
  if (reason === 'EISDIR') return new BulkheadError('fs.not-regular', `${what}: it is a folder`, options)
  // ENXIO: a socket, or a pipe without a reader.
  if (reason === 'ENXIO') return notRegular(what, 'it is a pipe, a device or a socket')
  if (reason === 'EEXIST') return new BulkheadError('fs.failed', `${what}: it exists already`, options)
  if (reason === 'ENOTEMPTY') return new BulkheadError('fs.failed', `${what}: the folder is not empty`, options)
  return new BulkheadError('fs.failed', `${what}: ${reason}`, options)
}

/** @returns `fs.not-regular` */
export const notRegular = (what: string, why: string): BulkheadError =>
  new BulkheadError('fs.not-regular', `${what}: ${why}`)

/** @returns `limit.file-size` */
export const tooLarge = (what: string, maxBytes: number): BulkheadError =>
  new BulkheadError('limit.file-size', `${what}: larger than ${maxBytes} bytes`)
