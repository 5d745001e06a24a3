// `bulkhead audit`: reads the record of every decision, and checks that nobody changed it. Writes nothing.

import { type Command, Option } from 'commander'
import { auditEventTypes, BulkheadError, parseDurationMs } from '@bulkhead/host/terms'
import type { AuditOptions } from '../acts/audit.ts'
import { describeCommand, wantsJson } from '../describe.ts'
import type { AddCommand } from '../session.ts'
import { usageError } from '../usage.ts'

const load = () => import('../acts/audit.ts')

const maxLimit = 100_000

const parseLimit = (text: string): number => {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : 0
  if (value < 1 || value > maxLimit) throw usageError(`--limit must be from 1 to ${maxLimit}, and is "${text}"`)
  return value
}

/** A date (ISO 8601), or how long ago (`30m`, `2h`). */
const parseSince = (text: string): number => {
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(date)) return date
  try {
    return Date.now() - parseDurationMs(text)
  } catch (cause) {
    throw new BulkheadError('usage.invalid', `--since "${text}" is neither a date nor a duration`, {
      hint: 'Write 2026-01-31, 2026-01-31T12:00:00Z, or how long ago: 30m, 2h.',
      cause,
    })
  }
}

const addOptions = (command: Command): Command =>
  command
    .option('--plugin <name>', 'only this plugin')
    .option('--denied', 'only denials')
    .option('--allowed', 'only what was allowed')
    .addOption(new Option('--type <type>', 'only this kind of event').choices(auditEventTypes))
    .option('--since <when>', 'only from then on: a date, or how long ago (2h)', parseSince)
    .option('--call <id>', 'only this call')
    .addOption(new Option('-n, --limit <n>', 'at most the newest n').argParser(parseLimit).default(50))

/** Adds `audit` and `audit verify`. */
export const addAudit: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'audit', {
    summary: 'read the record of every decision of the gate',
    more: 'The newest records, newest last.',
    examples: [
      ['bulkhead audit --denied --since 1h', 'what was refused in the last hour, and why'],
      ['bulkhead audit --plugin weather -n 200 --json', 'for programs'],
      ['bulkhead audit verify', 'check that no record was changed, dropped or moved'],
    ],
  })
  addOptions(command).action((options: AuditOptions) =>
    act(wantsJson(command), async (session) => (await load()).readRecords(session, options)),
  )
  const verifyCommand = describeCommand(command, 'verify', {
    summary: 'check the record, and say what the check proves',
    more: 'Exit code 3 when the log does not verify.',
    examples: [['bulkhead audit verify --json', 'for programs']],
  })
  verifyCommand.action(() => act(wantsJson(verifyCommand), async (session) => (await load()).verify(session)))
}
