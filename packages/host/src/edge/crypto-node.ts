// Node's randomness and hashing behind the kernel's Crypto port.

import { hash, randomBytes } from 'node:crypto'
import type { Crypto } from '@bulkhead/kernel'

/** 80 random bits that nothing outside of this process knows. */
const prefix = randomBytes(10).toString('hex')
let last = randomBytes(4).readUInt32BE() % 0x1000_0000

/** The process's crypto. */
export const nodeCrypto: Crypto = {
  // One draw of entropy for the process and a count from a random start: an id for each call must cost next to nothing.
  // Ids name; what must not be guessed (keys, tokens) is drawn where it is made.
  newId: () => prefix + (++last).toString(16).padStart(12, '0'),
  sha256: (data) => hash('sha256', data, 'hex'),
}
