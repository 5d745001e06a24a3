// `bulkhead validate`: every fault of every manifest that is named, all at once. Runs nothing.

import { resolve } from 'node:path'
import { BulkheadError, escapeLine, type PluginReport, type WireError } from '@bulkhead/host'
import { describeCommand, wantsJson } from '../describe.ts'
import { type Fault, faultText } from '../output/errors.ts'
import type { Report } from '../report.ts'
import type { AddCommand, Session } from '../session.ts'

interface Validated {
  readonly path: string
  readonly report?: PluginReport
  /** Why there was nothing to read. */
  readonly error?: WireError
}

const inspect = async (session: Session, path: string): Promise<Validated> => {
  try {
    return { path, report: await session.library.inspectPlugin(resolve(session.io.cwd, path)) }
  } catch (thrown) {
    if (thrown instanceof BulkheadError) return { path, error: thrown.toJSON() }
    throw thrown
  }
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const summaryOf = (results: readonly Validated[], faults: readonly Fault[]): WireError | undefined => {
  const unreadable = results.flatMap((result) => (result.error === undefined ? [] : [result.error]))
  const [first] = unreadable
  if (first !== undefined && faults.length === 0 && results.length === 1) return first
  if (first === undefined && faults.length === 0) return undefined
  const counts = [
    ...(faults.length === 0 ? [] : [plural(faults.length, 'fault')]),
    ...(first === undefined ? [] : [`${plural(unreadable.length, 'path')} that could not be read`]),
  ]
  return {
    code: faults.length === 0 && first !== undefined ? first.code : 'manifest.invalid',
    message: counts.join(' and '),
    hint: 'Each fault names its line, its field and the mend.',
  }
}

const validatePaths = async (session: Session, paths: readonly string[]): Promise<Report> => {
  const results: Validated[] = []
  for (const path of paths) results.push(await inspect(session, path))
  const { out, err } = session.colors
  const faults = results.flatMap((result) => result.report?.faults ?? [])
  const error = summaryOf(results, faults)
  const warnings = results.flatMap((result) =>
    (result.report?.warnings ?? []).map((message) => ({ path: result.path, message })),
  )
  const unreadable = results.length === 1 ? [] : results.filter((result) => result.error !== undefined)
  return {
    json: {
      plugins: results.map(({ path, report, error: unread }) => ({
        path,
        ok: unread === undefined && report?.faults.length === 0,
        name: report?.manifest?.name ?? null,
        version: report?.manifest?.version ?? null,
        ...(unread === undefined ? {} : { error: unread }),
      })),
      faults,
      warnings,
    },
    text: faults.map((fault) => `${faultText(fault, out)}\n`).join(''),
    notes: [
      ...unreadable.map((result) => `${escapeLine(result.path)}: ${escapeLine(result.error?.message ?? '')}`),
      ...warnings.map(
        (warning) => `${err.yellow('warning')} ${escapeLine(warning.path)}: ${escapeLine(warning.message)}`,
      ),
    ],
    ...(error === undefined ? {} : { error }),
  }
}

/** Adds `validate`. */
export const addValidate: AddCommand = (parent, act) => {
  const command = describeCommand(parent, 'validate', {
    summary: 'check manifests and name every fault with its line',
    more: 'Exit code 3 when there is a fault; warnings alone pass. A plugin without faults prints nothing.',
    examples: [
      ['bulkhead validate ./my-plugin', 'a folder'],
      ['bulkhead validate plugins/*/ --json', 'many, for programs'],
    ],
  })
  command
    .argument('<path...>', 'plugin folders, manifests or lone script files')
    .action((paths: string[]) => act(wantsJson(command), (session) => validatePaths(session, paths)))
}
