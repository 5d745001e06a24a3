// Node's randomness and hashing behind the kernel's Crypto port.

import { createHash, randomUUID } from 'node:crypto'
import type { Crypto } from '@bulkhead/kernel'

/** The process's crypto. */
export const nodeCrypto: Crypto = {
  // A random UUID: Node draws entropy for many at once, which makes it far cheaper than 16 bytes of its own.
  newId: () => randomUUID().replaceAll('-', ''),
  sha256: (data) => createHash('sha256').update(data).digest('hex'),
}
