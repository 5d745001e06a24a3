// What differs between two copies of a plugin, or must not lie in a snapshot: entropy, when it started, its
// configuration. Whoever draws any of it before the first call gets no snapshot.

import { randomBytes, randomUUID } from 'node:crypto'

/** Most random bytes at once, as in the Web Crypto API. */
const maxRandomBytes = 65_536

/** What a copy draws from. */
export interface DrawSource {
  /** JSON. */
  readonly config: string
  /** Milliseconds since the Unix epoch. */
  readonly startedMs: number
}

/** A text as it stands, bytes, or undefined for what there is not. */
export const draw = (what: string, size: number, source: DrawSource): string | Uint8Array | undefined => {
  switch (what) {
    case 'random':
      return new Uint8Array(randomBytes(Math.min(Math.max(size, 0), maxRandomBytes)))
    case 'uuid':
      return randomUUID()
    case 'started':
      return String(source.startedMs)
    case 'config':
      return source.config
    default:
      return undefined
  }
}
