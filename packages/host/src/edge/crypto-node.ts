// Node's randomness and hashing behind the kernel's Crypto port.

import { hash, randomBytes } from 'node:crypto'
import type { Crypto } from '@bulkhead/kernel'

/** 80 random bits that nothing outside of this process knows. */
const prefix = randomBytes(10).toString('hex')
/** The last byte of an id; the rest changes seldom, and is written when it does. */
const lastBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))
let last = randomBytes(4).readUInt32BE() % 0x1000_0000
let start = ''

const writeStart = (): string =>
  (start =
    prefix +
    Math.floor(last / 256)
      .toString(16)
      .padStart(10, '0'))

/** The process's crypto. */
export const nodeCrypto: Crypto = {
  // One draw of entropy for the process and a count from a random start: an id for each call must cost next to nothing.
  // Ids name; what must not be guessed (keys, tokens) is drawn where it is made.
  newId: () => {
    const byte = ++last % 256
    return (byte === 0 || start === '' ? writeStart() : start) + lastBytes[byte]
  },
  sha256: (data) => hash('sha256', data, 'hex'),
}
