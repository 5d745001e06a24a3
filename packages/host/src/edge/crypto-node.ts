// Node's randomness and hashing behind the kernel's Crypto port.

import { createHash, randomBytes } from 'node:crypto'
import type { Crypto } from '@bulkhead/kernel'

/** The process's crypto. */
export const nodeCrypto: Crypto = {
  newId: () => randomBytes(16).toString('hex'),
  sha256: (data) => createHash('sha256').update(data).digest('hex'),
}
