// Reads back how much fits into the folders for temporary files of a sandbox that is built and has not begun.

import { statfsSync } from 'node:fs'
import { BulkheadError } from '@bulkhead/kernel'

/** File systems in memory hold whole pages. The largest that Linux has on common machines. */
const pageBytes = 64 * 1024

/**
 * Bytes that fit into /tmp, as seen from inside.
 * @throws BulkheadError `sandbox.failed` when more fits into one of them than was to
 */
export const readTemporarySize = (pid: number, tmpBytes: number): number => {
  const [size = 0] = ['/tmp', '/dev/shm'].map((folder) => {
    const { blocks, bsize } = statfsSync(`/proc/${pid}/root${folder}`)
    if (blocks > 0 && blocks * bsize < tmpBytes + pageBytes) return blocks * bsize
    throw new BulkheadError(
      'sandbox.failed',
      `The limit on ${folder} did not take: ${blocks * bsize || 'unlimited'} bytes instead of ${tmpBytes}.`,
    )
  })
  return size
}
