// A folder of a confined program, as this process reaches it: for the sockets between the two. It is the program's private
// /tmp, so what it leaves there counts against its own bounds, needs no path of ours, and is gone with it.

import { closeSync, constants, openSync } from 'node:fs'
import { BulkheadError } from '@bulkhead/kernel'
import type { Confined } from '@bulkhead/sandbox'

/** One folder in both views. Disposing lets go of it. */
export interface InnerFolder extends Disposable {
  /** For this process: the folder itself, by a descriptor, whatever becomes of the program. Names below it stay short. */
  readonly onHost: string
  /** For the program. */
  readonly inPlugin: string
}

/** The folder as every program has it. */
export const innerFolder = '/tmp'

/**
 * Opens the folder of a program that has begun.
 *
 * What this process then does below it is seen through a folder that a hostile program writes to: take plain names only, and
 * follow no links there.
 *
 * @throws BulkheadError `plugin.crashed` when the program is gone, `sandbox.failed` when its files cannot be seen from here
 */
export const openInnerFolder = ({ pid }: Confined): InnerFolder => {
  let descriptor: number
  try {
    descriptor = openSync(`/proc/${pid}/root${innerFolder}`, constants.O_RDONLY | constants.O_DIRECTORY)
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT')
      throw new BulkheadError('plugin.crashed', 'the program ended before its sockets were looked for', { cause })
    throw new BulkheadError('sandbox.failed', 'the private folder of a confined program cannot be reached', {
      hint: 'The host has to see /proc/<pid>/root of its own processes: mount /proc, without hidepid.',
      cause,
    })
  }
  let open = true
  return {
    onHost: `/proc/self/fd/${descriptor}`,
    inPlugin: innerFolder,
    [Symbol.dispose]: () => {
      if (open) closeSync(descriptor)
      open = false
    },
  }
}
