// Holds on to one socket file, so that what is dialled is what was looked at: a plugin may write to the folder, and could
// put a link to another program's socket in the place of its own between the two.

import { closeSync, constants, fstatSync, lstatSync, openSync } from 'node:fs'
import { platform } from 'node:process'
import { BulkheadError, escapeLine } from '@bulkhead/kernel'

/** `O_PATH` of Linux (include/uapi/asm-generic/fcntl.h); Node does not name it. */
const openPathOnly = 0o10000000

/** A socket file that cannot be exchanged while this is held. */
export interface PinnedSocket extends Disposable {
  /** What to connect to. */
  readonly path: string
}

/**
 * Pins the socket at `path`. On Linux by a descriptor of the file itself; elsewhere the file is only looked at, and
 * whether the right program answers is shown by its certificate alone.
 *
 * @throws BulkheadError `protocol.handshake` when there is no socket, or a link in its place
 */
export const pinSocket = (path: string): PinnedSocket => {
  try {
    return platform === 'linux' ? pinByDescriptor(path) : lookOnly(path)
  } catch (error) {
    if (error instanceof BulkheadError) throw error
    throw new BulkheadError('protocol.handshake', `the plugin's socket ${escapeLine(path)} cannot be opened`, {
      cause: error,
    })
  }
}

const refuse = (path: string): never => {
  throw new BulkheadError('protocol.handshake', `the plugin announced ${escapeLine(path)}, which is not a socket`)
}

const pinByDescriptor = (path: string): PinnedSocket => {
  const descriptor = openSync(path, openPathOnly | constants.O_NOFOLLOW)
  let open = true
  const pinned: PinnedSocket = {
    path: `/proc/self/fd/${descriptor}`,
    [Symbol.dispose]: () => {
      if (open) closeSync(descriptor)
      open = false
    },
  }
  if (fstatSync(descriptor).isSocket()) return pinned
  pinned[Symbol.dispose]()
  return refuse(path)
}

const lookOnly = (path: string): PinnedSocket => {
  if (!lstatSync(path).isSocket()) return refuse(path)
  return { path, [Symbol.dispose]: () => {} }
}
