// The secret of a home under which its index is sealed: made once, and made anew when it is not what it should be (then
// nothing that was kept verifies any more, and everything is built again).

import { randomBytes } from 'node:crypto'
import { linkSync, renameSync } from 'node:fs'
import { errnoOf, placeFile, readPrivateFile, unlinkQuietly } from './private-files-node.ts'

const keyBytes = 32

// While another process is making the file it has two names.
const readKey = (path: string): Uint8Array | undefined => {
  const found = readPrivateFile(path, { maxBytes: keyBytes, without: 0o077, allowLinks: true })
  return found?.byteLength === keyBytes ? found : undefined
}

/** Puts the file where none is; one that came first stays. */
const linkOnce = (temporary: string, path: string): void => {
  try {
    linkSync(temporary, path)
  } catch (thrown) {
    if (errnoOf(thrown) !== 'EEXIST') throw thrown
  } finally {
    unlinkQuietly(temporary)
  }
}

/** Reads or makes the secret. @throws Error where none can be kept */
export const openSealKey = (path: string): Uint8Array => {
  const found = readKey(path)
  if (found !== undefined) return found
  placeFile(path, randomBytes(keyBytes), linkOnce)
  const made = readKey(path)
  if (made !== undefined) return made
  // Something that is no key stands there: it is replaced.
  placeFile(path, randomBytes(keyBytes), renameSync)
  const replaced = readKey(path)
  if (replaced === undefined) throw new Error(`${path} cannot be kept private`)
  return replaced
}
