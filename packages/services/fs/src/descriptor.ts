// Whole reads and writes on an open descriptor, which is closed at the end whatever happens.

import { close, read, write } from 'node:fs'
import { promisify } from 'node:util'
import { tooLarge } from './failure.ts'

const closeAsync = promisify(close)
const readAsync = promisify(read)
const writeAsync = promisify(write)

/**
 * Reads to the end. `expectedBytes` is what the file said of its size; files grow, so the cap is on what is read.
 * @throws BulkheadError `limit.file-size`; system errors as they are
 */
export const readDescriptor = async (
  fd: number,
  expectedBytes: number,
  options: { readonly maxBytes: number; readonly what: string },
): Promise<Uint8Array> => {
  try {
    // One byte more than expected, so that the end is seen without a second buffer.
    let buffer = new Uint8Array(Math.min(expectedBytes, options.maxBytes) + 1)
    let length = 0
    for (;;) {
      const { bytesRead } = await readAsync(fd, buffer, length, buffer.byteLength - length, null)
      if (bytesRead === 0) return buffer.slice(0, length)
      length += bytesRead
      if (length > options.maxBytes) throw tooLarge(options.what, options.maxBytes)
      if (length === buffer.byteLength) {
        const larger = new Uint8Array(Math.min(length * 2, options.maxBytes) + 1)
        larger.set(buffer)
        buffer = larger
      }
    }
  } finally {
    await closeAsync(fd)
  }
}

/** Writes all of `data`. */
export const writeDescriptor = async (fd: number, data: Uint8Array): Promise<void> => {
  try {
    for (let at = 0; at < data.byteLength; ) {
      at += (await writeAsync(fd, data, at, data.byteLength - at)).bytesWritten
    }
  } finally {
    await closeAsync(fd)
  }
}
