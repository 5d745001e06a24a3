// Writes down a change of trust before it takes effect.

import { openAuditLog } from '../audit/audit-node.ts'
import { nodeClock } from '../edge/clock-node.ts'
import { nodeCrypto } from '../edge/crypto-node.ts'

/** What changed. */
export interface TrustChange {
  readonly path: string
  /** Absent when the folder is forgotten. */
  readonly digest?: string
}

/** Records it, on disk when this returns. @throws BulkheadError `audit.unavailable`, `home.unsafe`: then nothing may change */
export const recordTrust = async (home: string, { path, digest }: TrustChange): Promise<void> => {
  await using log = await openAuditLog({ home, clock: nodeClock, crypto: nodeCrypto })
  await log.append(
    {
      type: 'trust_changed',
      result: digest === undefined ? 'denied' : 'allowed',
      why: `${digest === undefined ? 'no longer trusted' : 'trusted'}: ${path}`,
      details: digest === undefined ? { path } : { path, digest },
    },
    'flush',
  )
}
