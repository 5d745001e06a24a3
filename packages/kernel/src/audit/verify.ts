// Checks a whole log: every chain against itself, against its kept head, against the heads that other chains named when
// they began, and against exported heads. It reports; it mends nothing.

import type { Crypto } from '../ports.ts'
import { canonicalJson } from './canonical.ts'
import { type ChainHead, genesisHash, headSigningText, parseHead, parseRecord, readChainName } from './chain.ts'
import type { AuditReader, HeadSigner } from './files.ts'

export const auditProblemKinds = [
  'unreadable',
  'edited',
  'dropped-or-reordered',
  'duplicate-id',
  'foreign',
  'tail-cut',
  'head-mismatch',
  'head-missing',
  'head-damaged',
  'head-unsigned',
  'after-close',
  'chain-missing',
] as const

/** One thing that is wrong. */
export interface AuditProblem {
  readonly kind: (typeof auditProblemKinds)[number]
  readonly chain: string
  /** Line of the chain's file, from 1. */
  readonly line?: number
  readonly message: string
}

/** What was found in one chain. */
export interface ChainReport {
  readonly chain: string
  readonly records: number
  /** Records that the kept head covers. */
  readonly covered: number
  readonly closed: boolean
  /** Whether it ends in half a line, as a crash in the middle of a write leaves it. */
  readonly torn: boolean
}

/** The whole report. */
export interface AuditReport {
  readonly ok: boolean
  readonly chains: readonly ChainReport[]
  /** At most {@link maxProblems} for each chain. */
  readonly problems: readonly AuditProblem[]
  /** What is not wrong but worth knowing. */
  readonly notes: readonly string[]
  readonly proves: readonly string[]
  readonly doesNotProve: readonly string[]
}

/** Most problems that are reported for one chain. */
export const maxProblems = 100

/** Options of {@link verifyChains}. */
export interface VerifyOptions {
  readonly crypto: Pick<Crypto, 'sha256'>
  /** When given, every head must carry a good signature. */
  readonly signer?: Pick<HeadSigner, 'verify'>
  /** Heads that were exported through an anchor port. */
  readonly anchored?: readonly ChainHead[]
}

interface Expectation {
  readonly count: number
  readonly hash: string
  /** Who says so, for the message. */
  readonly by: string
}

/** Verifies the log; one that is being written verifies as well. */
export const verifyChains = async (reader: AuditReader, options: VerifyOptions): Promise<AuditReport> => {
  const found: Found = { problems: [], notes: [] }
  // A chain's head is kept before its file is made and lags behind what is in it. So a chain that was there before the
  // heads were read has one, each that a head names is there afterwards, and what is in it is read last.
  const before = new Set(await reader.chains())
  const heads = await readHeads(reader, options, found)
  const present = new Set(await reader.chains())
  // One that began in between, its head not seen, is the next run's business.
  const chains = [...present].filter((chain) => before.has(chain) || heads.has(chain))
  const expected = new Map<string, Expectation[]>()
  const expect = (chain: string, expectation: Expectation): void => {
    const known = expected.get(chain)
    if (known === undefined) expected.set(chain, [expectation])
    else known.push(expectation)
  }
  for (const [chain, head] of heads) expect(chain, { ...head, by: 'its kept head' })
  for (const head of options.anchored ?? []) expect(head.chain, { ...head, by: 'an exported head' })
  for (const chain of chains) {
    for (const named of await namedHeads(reader, chain)) expect(named.chain, { ...named, by: `the chain ${chain}` })
  }

  for (const [chain, expectations] of expected) {
    if (present.has(chain)) continue
    const most = expectations.reduce((a, b) => (b.count > a.count ? b : a))
    if (most.count === 0) found.notes.push(`${chain} was begun and never held a record`)
    else {
      const message = `${chain} is missing; ${most.by} names ${most.count} records in it`
      found.problems.push({ kind: 'chain-missing', chain, message })
    }
  }
  const reports: ChainReport[] = []
  for (const chain of chains) {
    reports.push(
      await verifyChain({ reader, chain, head: heads.get(chain), expected: expected.get(chain) ?? [] }, options, found),
    )
  }
  return {
    ok: found.problems.length === 0,
    chains: reports,
    problems: found.problems,
    notes: found.notes,
    ...statement(reports, { ...options, ok: found.problems.length === 0 }),
  }
}

interface Found {
  readonly problems: AuditProblem[]
  readonly notes: string[]
}

const readHeads = async (
  reader: AuditReader,
  options: VerifyOptions,
  found: Found,
): Promise<Map<string, ChainHead>> => {
  const heads = new Map<string, ChainHead>()
  for (const { chain, text } of await reader.heads()) {
    const head = parseHead(text)
    if (head === undefined || head.chain !== chain) {
      const message = `the head of ${chain} is damaged or belongs to another chain`
      found.problems.push({ kind: 'head-damaged', chain, message })
      continue
    }
    heads.set(chain, head)
    if (options.signer === undefined) continue
    const signed = head.signature !== undefined && (await options.signer.verify(headSigningText(head), head.signature))
    if (!signed) {
      found.problems.push({ kind: 'head-unsigned', chain, message: `the head of ${chain} carries no good signature` })
    }
  }
  return heads
}

/** Heads that a chain's first record names. */
const namedHeads = async (reader: AuditReader, chain: string): Promise<readonly ChainHead[]> => {
  for await (const line of reader.lines(chain)) {
    const first = line.complete ? parseRecord(line.text) : undefined
    const named = first?.type === 'log_opened' ? first.details?.['heads'] : undefined
    if (!Array.isArray(named)) return []
    return named.flatMap((head) => parseHead(canonicalJson({ time: 0, closed: false, ...(head as object) })) ?? [])
  }
  return []
}

interface ChainToVerify {
  readonly reader: AuditReader
  readonly chain: string
  readonly head: ChainHead | undefined
  readonly expected: readonly Expectation[]
}

const verifyChain = async (
  { reader, chain, head, expected }: ChainToVerify,
  { crypto }: VerifyOptions,
  found: Found,
): Promise<ChainReport> => {
  let lineNumber = 0
  let reported = 0
  const problem = (kind: AuditProblem['kind'], message: string, atLine = true): void => {
    if (++reported > maxProblems) return
    found.problems.push({ kind, chain, ...(atLine ? { line: lineNumber } : {}), message: `${chain}: ${message}` })
  }
  // By count, as a chain that lived long is named by many others.
  const byCount = new Map<number, Expectation[]>()
  for (const one of expected) byCount.set(one.count, [...(byCount.get(one.count) ?? []), one])
  const ids = new Set<string>()
  const tag = readChainName(chain)?.tag
  let records = 0
  let torn = false
  let last: string | undefined = genesisHash

  for await (const line of reader.lines(chain)) {
    lineNumber += 1
    if (!line.complete) {
      torn = true
      break
    }
    const record = parseRecord(line.text)
    if (record === undefined) {
      problem('unreadable', `line ${lineNumber} is not a record`)
      records += 1
      last = undefined
      continue
    }
    const { hash, ...body } = record
    // The text itself must be canonical: a member written twice, or a space, is an edit even where the hash still fits.
    if (canonicalJson(record) !== line.text || crypto.sha256(canonicalJson(body)) !== hash) {
      problem('edited', `record ${record.seq} (line ${lineNumber}) was edited: its hash does not fit`)
    }
    if (record.seq !== records || (last !== undefined && record.prev !== last)) {
      problem(
        'dropped-or-reordered',
        `line ${lineNumber} does not follow the line before: a record was dropped, added or moved`,
      )
    }
    if (ids.has(record.id)) problem('duplicate-id', `the id ${record.id.slice(0, 80)} occurs twice`)
    ids.add(record.id)
    if (tag === undefined || !record.id.startsWith(`${tag}-`)) {
      problem('foreign', `line ${lineNumber} carries an id of another chain`)
    }
    if (lineNumber === 1 && (record.type !== 'log_opened' || record.details?.['chain'] !== chain)) {
      problem('foreign', 'the first record does not open this chain')
    }
    records += 1
    last = hash
    for (const { by, hash: wanted } of byCount.get(records) ?? []) {
      if (wanted !== hash) problem('head-mismatch', `record ${record.seq} is not the one that ${by} names`)
    }
  }

  for (const { by, count } of expected) {
    if (count > records)
      problem('tail-cut', `${by} names ${count} records, ${records} are there: the end was cut off`, false)
  }
  if (head === undefined) problem('head-missing', 'its kept head is missing', false)
  else if (records > head.count) {
    const beyond = records - head.count
    if (head.closed) problem('after-close', `${beyond} records were added after it was closed`, false)
    else
      found.notes.push(
        `${chain}: the last ${beyond} records are not covered by the kept head (being written, or a crash)`,
      )
  }
  if (head?.closed === true && torn) problem('after-close', 'half a line was added after it was closed', false)
  else if (torn) found.notes.push(`${chain}: ends in half a line, as a crash in the middle of a write leaves it`)
  return { chain, records, covered: Math.min(head?.count ?? 0, records), closed: head?.closed ?? false, torn }
}

/** What this run showed: nothing when something is wrong. */
const statement = (
  reports: readonly ChainReport[],
  options: VerifyOptions & { readonly ok: boolean },
): Pick<AuditReport, 'proves' | 'doesNotProve'> => {
  const records = reports.reduce((sum, { records: count }) => sum + count, 0)
  const covered = reports.reduce((sum, { covered: count }) => sum + count, 0)
  const { ok } = options
  const anchored = options.anchored?.length ?? 0
  return {
    proves: !ok
      ? []
      : [
          `No record of ${reports.length} chains (${records} records) was edited, dropped, added or moved after it was written, short of rewriting the rest of its chain.`,
          `Nothing is missing at the end of the ${covered} records that kept heads cover, as long as the heads are genuine.`,
          ...(options.signer === undefined ? [] : ['The heads were made by a holder of the signing key.']),
          ...(anchored === 0 ? [] : [`The log still holds everything that ${anchored} exported heads cover.`]),
        ],
    doesNotProve: [
      ...(anchored === 0
        ? [
            options.signer === undefined
              ? 'Whoever can write both the log and its heads can rewrite or remove both together; only a head that was exported shows it.'
              : 'Whoever holds the signing key, or puts back an older log with its older signed heads, is not found; only a head that was exported shows it.',
          ]
        : ['What was recorded after the last exported head can still be rewritten together with its kept head.']),
      ...(covered < records ? [`The last ${records - covered} records are not covered by a kept head.`] : []),
      'That the host recorded everything: a program that runs as the same user can act without Bulkhead.',
      'That the clock was right: times are what the machine said.',
    ],
  }
}
