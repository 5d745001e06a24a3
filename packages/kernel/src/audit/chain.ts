// How records are chained: each names the hash of the one before it, and the head (count and hash of the last) is kept
// apart. Reading and checking a chain stands in verify.ts, writing one in chain-writer.ts.

import { parseJson } from '../json.ts'
import type { Crypto } from '../ports.ts'
import { canonicalJson, canonicalRecord } from './canonical.ts'
import { type AuditEvent, auditEventTypes } from './record.ts'

/** One record as it stands in the log: an event in its place. */
export interface AuditRecord extends AuditEvent {
  /** Place in its chain, from 0. */
  readonly seq: number
  /** Unique: the chain's tag and a number. */
  readonly id: string
  /** Milliseconds since the Unix epoch. */
  readonly time: number
  /** Hash of the record before; {@link genesisHash} for the first. */
  readonly prev: string
  /** SHA-256 in hex of the canonical JSON of this record without `hash`. */
  readonly hash: string
}

/** `prev` of a first record. */
export const genesisHash = '0'.repeat(64)

/** Where a chain ends: what is kept apart from it and may be exported. */
export interface ChainHead {
  readonly chain: string
  /** Records in the chain. */
  readonly count: number
  /** Hash of the last record; {@link genesisHash} while there is none. */
  readonly hash: string
  /** When the head was written, milliseconds since the Unix epoch. */
  readonly time: number
  /** Whether its process ended the chain in order: nothing may follow. */
  readonly closed: boolean
  readonly signature?: string
}

/** Names a new chain so that names sort by start: `20261121T124005123-4242-<tag>`. */
export const makeChainName = (startMs: number, pid: number, tag: string): string =>
  `${new Date(startMs).toISOString().replace(/[-:.Z]/g, '')}-${pid}-${tag}`

const chainName = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)(\d{3})-\d{1,10}-([a-z0-9]{16,32})$/

/** Start and tag of a chain, from its name; undefined for any other text. */
export const readChainName = (name: string): { readonly startMs: number; readonly tag: string } | undefined => {
  const match = chainName.exec(name)
  if (match === null) return undefined
  const [, year, month, day, hour, minute, second, milli, tag] = match
  const startMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`)
  return Number.isNaN(startMs) || tag === undefined ? undefined : { startMs, tag }
}

/** Puts an event into its place: the record and its line, without the newline. */
export const sealRecord = (
  event: AuditEvent,
  place: Pick<AuditRecord, 'seq' | 'id' | 'time' | 'prev'>,
  crypto: Pick<Crypto, 'sha256'>,
): { readonly hash: string; readonly line: string } => {
  const { body, seal } = canonicalRecord({ ...event, ...place })
  const hash = crypto.sha256(body)
  return { hash, line: seal(hash) }
}

const types: ReadonlySet<unknown> = new Set(auditEventTypes)

/** Reads one line; undefined when it is not a record. Whether it is a true one is another question: see verify.ts. */
export const parseRecord = (line: string): AuditRecord | undefined => {
  try {
    const record = parseJson(line, 'an audit record', {
      maxLength: 1 << 20,
      maxDepth: 64,
    }) as Partial<AuditRecord> | null
    if (typeof record !== 'object' || record === null || Array.isArray(record)) return undefined
    const { seq, id, time, prev, hash } = record
    const numbers = Number.isSafeInteger(seq) && Number.isSafeInteger(time)
    const texts = typeof id === 'string' && typeof prev === 'string' && typeof hash === 'string'
    return numbers && texts && types.has(record.type) ? (record as AuditRecord) : undefined
  } catch {
    return undefined
  }
}

/** Text of a head's file. */
export const headText = (head: ChainHead): string => canonicalJson(head)

/** What a signature of a head is made over. */
export const headSigningText = ({ signature: _, ...head }: ChainHead): string =>
  `bulkhead audit head\n${canonicalJson(head)}`

/** Reads a head; undefined when the text is none. */
export const parseHead = (source: string): ChainHead | undefined => {
  try {
    const head = parseJson(source, 'an audit head', { maxLength: 8192, maxDepth: 4 }) as Partial<ChainHead> | null
    if (typeof head !== 'object' || head === null) return undefined
    const { chain, count, hash, time, closed, signature } = head
    const fits =
      typeof chain === 'string' &&
      typeof count === 'number' &&
      Number.isSafeInteger(count) &&
      count >= 0 &&
      typeof hash === 'string' &&
      typeof time === 'number' &&
      typeof closed === 'boolean' &&
      (signature === undefined || typeof signature === 'string')
    if (!fits) return undefined
    return { chain, count, hash, time, closed, ...(signature === undefined ? {} : { signature }) }
  } catch {
    return undefined
  }
}
