// Reads records back, in order of time across chains, holding one record of each chain that was live at that time and
// nothing more. It does not verify: see verify.ts.

import { type AuditRecord, parseRecord, readChainName } from './chain.ts'
import type { AuditReader } from './files.ts'
import type { AuditEvent, AuditEventType } from './record.ts'

/** Which records are wanted; all that are given must fit. */
export interface AuditFilter {
  /** Plugin name or principal id. */
  readonly plugin?: string
  readonly result?: AuditEvent['result']
  readonly type?: AuditEventType
  /** Milliseconds since the Unix epoch, inclusive. */
  readonly since?: number
  /** Exclusive. */
  readonly until?: number
  readonly callId?: string
  /** Only the last so many. */
  readonly limit?: number
}

/** A record and the chain it stands in. */
export interface FoundRecord extends AuditRecord {
  readonly log: string
}

interface Cursor {
  readonly chain: string
  readonly records: AsyncIterator<AuditRecord>
  next: AuditRecord
}

/** Records that fit the filter, oldest first. With `limit`, that many are held in memory, else one of each live chain. */
export async function* queryChains(reader: AuditReader, filter: AuditFilter = {}): AsyncGenerator<FoundRecord> {
  const { limit } = filter
  if (limit === undefined) {
    yield* merge(reader, filter)
    return
  }
  const last: FoundRecord[] = []
  if (limit <= 0) return
  let at = 0
  for await (const record of merge(reader, filter)) {
    last[at] = record
    at = (at + 1) % limit
  }
  yield* last.length < limit ? last : [...last.slice(at), ...last.slice(0, at)]
}

async function* merge(reader: AuditReader, filter: AuditFilter): AsyncGenerator<FoundRecord> {
  const unopened = (await reader.chains()).map((chain) => ({ chain, startMs: readChainName(chain)?.startMs ?? 0 }))
  const open: Cursor[] = []
  try {
    for (;;) {
      // A chain holds nothing older than its own start, so it is opened only when its time has come.
      let oldest = least(open)
      while (unopened[0] !== undefined && (oldest === undefined || unopened[0].startMs <= oldest.next.time)) {
        const { chain, startMs } = unopened.shift() as { chain: string; startMs: number }
        if (filter.until !== undefined && startMs >= filter.until) continue
        const records = recordsOf(reader, chain, filter)
        const first = await records.next()
        if (first.done !== true) open.push({ chain, records, next: first.value })
        oldest = least(open)
      }
      if (oldest === undefined) return
      yield { ...oldest.next, log: oldest.chain }
      const following = await oldest.records.next()
      if (following.done === true) open.splice(open.indexOf(oldest), 1)
      else oldest.next = following.value
    }
  } finally {
    for (const { records } of open) await records.return?.()
  }
}

const least = (open: readonly Cursor[]): Cursor | undefined =>
  open.reduce<Cursor | undefined>((a, b) => (a === undefined || b.next.time < a.next.time ? b : a), undefined)

async function* recordsOf(reader: AuditReader, chain: string, filter: AuditFilter): AsyncGenerator<AuditRecord> {
  for await (const { text, complete } of reader.lines(chain)) {
    const record = complete ? parseRecord(text) : undefined
    if (record !== undefined && fits(record, filter)) yield record
  }
}

const fits = (record: AuditRecord, filter: AuditFilter): boolean =>
  (filter.plugin === undefined || record.plugin === filter.plugin || record.principal === filter.plugin) &&
  (filter.result === undefined || record.result === filter.result) &&
  (filter.type === undefined || record.type === filter.type) &&
  (filter.since === undefined || record.time >= filter.since) &&
  (filter.until === undefined || record.time < filter.until) &&
  (filter.callId === undefined || record.callId === filter.callId)
