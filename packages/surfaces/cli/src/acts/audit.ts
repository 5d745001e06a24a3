// What `bulkhead audit` does: reads the record of every decision, and checks that nobody changed it. Writes nothing.

import { escapeLine } from '@bulkhead/host/terms'
import type { RecordFilter, ShownAuditReport, ShownRecord } from '../library.ts'
import { tableText } from '../output/table.ts'
import type { Report } from '../report.ts'
import type { Session } from '../session.ts'
import { usageError } from '../usage.ts'

/** Options of the command line. */
export interface AuditOptions {
  readonly plugin?: string
  readonly denied?: boolean
  readonly allowed?: boolean
  readonly type?: string
  readonly since?: number
  readonly call?: string
  readonly limit: number
}

const whatOf = (record: ShownRecord): string => record.function ?? record.action ?? record.type

const recordsText = (records: readonly ShownRecord[], session: Session): Promise<string> => {
  const { out } = session.colors
  const paint = { allowed: out.green, denied: out.red, info: out.dim }
  const { columns } = session.io.stdout
  return tableText(
    records,
    [
      { head: 'TIME', cell: (record) => new Date(record.time).toISOString(), paint: (cell) => out.dim(cell) },
      { head: 'RESULT', cell: (record) => record.result, paint: (cell, record) => paint[record.result](cell) },
      { head: 'PLUGIN', cell: (record) => record.plugin ?? record.principal ?? '', most: 30 },
      { head: 'WHAT', cell: whatOf, most: 30 },
      { head: 'CAPABILITY', cell: (record) => (record.capabilities ?? []).join(', '), most: 60 },
      { head: 'WHY', cell: (record) => record.why ?? (record.type === whatOf(record) ? '' : record.type), most: 500 },
    ],
    { colors: out, ...(columns === undefined ? {} : { width: columns }) },
  )
}

/** The records that the options ask for, oldest first. */
export const readRecords = async (session: Session, options: AuditOptions): Promise<Report> => {
  if (options.denied === true && options.allowed === true) throw usageError('--denied and --allowed exclude each other')
  const filter: RecordFilter = {
    ...(options.plugin === undefined ? {} : { plugin: options.plugin }),
    ...(options.denied === true ? { result: 'denied' } : options.allowed === true ? { result: 'allowed' } : {}),
    ...(options.type === undefined ? {} : { type: options.type }),
    ...(options.since === undefined ? {} : { since: options.since }),
    ...(options.call === undefined ? {} : { callId: options.call }),
    limit: options.limit,
  }
  const records: ShownRecord[] = []
  for await (const record of session.library.queryAudit(session.home, filter)) {
    session.signal.throwIfAborted()
    records.push(record)
  }
  return {
    json: { records },
    text: records.length === 0 ? '' : await recordsText(records, session),
    notes: records.length === 0 ? ['no records'] : [],
  }
}

const reportText = (report: ShownAuditReport, session: Session): string => {
  const { out } = session.colors
  const count = report.chains.reduce((sum, chain) => sum + chain.records, 0)
  const lines = [
    `${report.ok ? out.green('✓') : out.red('✗')} ${count} record${count === 1 ? '' : 's'} in ${report.chains.length} chain${report.chains.length === 1 ? '' : 's'}`,
    ...report.problems.map((problem) => {
      const where = problem.line === undefined ? problem.chain : `${problem.chain}:${problem.line}`
      return `${out.red('✗')} ${escapeLine(where)}  ${escapeLine(problem.message)}`
    }),
    ...report.notes.map((note) => `${out.yellow('!')} ${escapeLine(note)}`),
    ...(report.proves.length === 0
      ? []
      : [out.bold('This proves'), ...report.proves.map((text) => `  ${escapeLine(text)}`)]),
    ...(report.doesNotProve.length === 0
      ? []
      : [out.bold('This does not prove'), ...report.doesNotProve.map((text) => `  ${escapeLine(text)}`)]),
  ]
  return `${lines.join('\n')}\n`
}

/** Checks the log; one that does not verify is an error of the report. */
export const verify = async (session: Session): Promise<Report> => {
  const report = await session.library.verifyAudit(session.home)
  const { ok, ...json } = report
  const { length } = report.problems
  return {
    json,
    text: reportText(report, session),
    ...(ok
      ? {}
      : {
          error: {
            code: 'audit.broken',
            message: `the audit log does not verify: ${length} problem${length === 1 ? '' : 's'}, the first: ${report.problems[0]?.message ?? 'unknown'}`,
            hint: 'Keep a copy of the log before anything else writes to it, and find out who changed it.',
          },
        }),
  }
}
