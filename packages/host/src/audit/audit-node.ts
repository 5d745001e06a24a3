// The audit log of a home folder: opened for writing, queried, verified.

import {
  type AnchorPort,
  type AuditFilter,
  type AuditLevel,
  type AuditLimits,
  type AuditLog,
  type AuditReport,
  type Clock,
  type Crypto,
  type FoundRecord,
  type HeadSigner,
  makeAuditLog,
  queryChains,
  verifyChains,
  type VerifyOptions,
} from '@bulkhead/kernel'
import { nodeCrypto } from '../edge/crypto-node.ts'
import { openAuditFiles, readAuditFiles } from './audit-files-node.ts'

/** Options of {@link openAuditLog}. */
export interface OpenAuditLogOptions {
  /** Bulkhead's home; the log is in `<home>/audit`. */
  readonly home: string
  /** Default `verbose`. */
  readonly level?: AuditLevel
  /** Default true. */
  readonly failClosed?: boolean
  readonly clock: Clock
  readonly crypto: Crypto
  readonly limits?: Partial<AuditLimits>
  readonly signer?: HeadSigner
  readonly anchor?: AnchorPort
}

/** Opens the log for writing: a chain of its own, which appears with the first record. @throws BulkheadError `home.unsafe`, `audit.unavailable` */
export const openAuditLog = async (options: OpenAuditLogOptions): Promise<AuditLog> => {
  const { home, level = 'verbose', failClosed = true, clock, crypto, limits, signer, anchor } = options
  const files = await openAuditFiles(home)
  return makeAuditLog(
    { files, clock, crypto, ...(signer === undefined ? {} : { signer }) },
    {
      level,
      failClosed,
      pid: process.pid,
      ...(limits === undefined ? {} : { limits }),
      ...(anchor === undefined ? {} : { anchor }),
    },
  )
}

/** Records of a home, oldest first; with `limit` the last so many. Unverified: see {@link verifyAudit}. */
export const queryAudit = (home: string, filter: AuditFilter = {}): AsyncGenerator<FoundRecord> =>
  queryChains(readAuditFiles(home), filter)

/** Verifies a home's log. */
export const verifyAudit = (home: string, options: VerifyOptions = { crypto: nodeCrypto }): Promise<AuditReport> =>
  verifyChains(readAuditFiles(home), options)
