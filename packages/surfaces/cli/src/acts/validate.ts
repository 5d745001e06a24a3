// What `bulkhead validate` does: tells every fault of every plugin that is named, all at once. Runs nothing.

import { basename, dirname, isAbsolute, join, normalize, relative, resolve } from 'node:path'
import type { CheckedPlugin, SourceDiagnostic, WireError } from '@bulkhead/host'
import { BulkheadError, escapeLine } from '@bulkhead/host/terms'
import { actionLines } from '../output/actions.ts'
import { diagnosticText, type Fault, faultText } from '../output/errors.ts'
import type { Report } from '../report.ts'
import type { Session } from '../session.ts'

interface Validated {
  readonly path: string
  readonly report?: CheckedPlugin
  /** Why there was nothing to read. */
  readonly error?: WireError
}

const check = async (session: Session, path: string): Promise<Validated> => {
  try {
    return { path, report: await session.library.checkPlugin(resolve(session.io.cwd, path)) }
  } catch (thrown) {
    if (thrown instanceof BulkheadError) return { path, error: thrown.toJSON() }
    throw thrown
  }
}

const diagnosticsOf = ({ report }: Validated): CheckedPlugin['diagnostics'] =>
  (report?.diagnostics ?? []).toSorted(
    (one, other) =>
      (one.file === other.file ? 0 : one.file < other.file ? -1 : 1) ||
      (one.line ?? 0) - (other.line ?? 0) ||
      (one.column ?? 0) - (other.column ?? 0),
  )

const errorsOf = (result: Validated): CheckedPlugin['diagnostics'] =>
  diagnosticsOf(result).filter(({ severity }) => severity === 'error')

const isGood = (result: Validated): boolean =>
  result.error === undefined && result.report?.faults.length === 0 && errorsOf(result).length === 0

/** A source by the path that was named: several plugins may have a file of one name. */
const placed = (diagnostic: SourceDiagnostic, { path, report }: Validated): SourceDiagnostic => {
  const isLone = basename(report?.path ?? '') === diagnostic.file
  if (isLone) return { ...diagnostic, file: normalize(path) }
  const folder = /^plugin\.(?:ya?ml|toml|json)$/.test(basename(path)) ? dirname(path) : path
  return { ...diagnostic, file: join(folder, diagnostic.file) }
}

/** A manifest by its way from the working folder, as sources are; one that lies elsewhere by its whole path. */
const nearby = (fault: Fault, cwd: string): Fault => {
  const way = relative(cwd, fault.file)
  return isAbsolute(fault.file) && !way.startsWith('..') ? { ...fault, file: way } : fault
}

const plural = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const summaryOf = (results: readonly Validated[]): WireError | undefined => {
  const unreadable = results.flatMap((result) => (result.error === undefined ? [] : [result.error]))
  const faults = results.flatMap((result) => result.report?.faults ?? []).length
  const errors = results.flatMap(errorsOf).length
  const [first] = unreadable
  if (faults + errors === 0) {
    if (first === undefined) return undefined
    if (results.length === 1) return first
  }
  const counts = [
    ...(faults === 0 ? [] : [plural(faults, 'fault')]),
    ...(errors === 0 ? [] : [plural(errors, 'error')]),
    ...(first === undefined ? [] : [`${plural(unreadable.length, 'path')} that could not be read`]),
  ]
  return {
    code: faults > 0 ? 'manifest.invalid' : errors > 0 ? 'artifact.compile' : (first?.code ?? 'manifest.invalid'),
    message: counts.length > 2 ? `${counts.slice(0, -1).join(', ')} and ${counts.at(-1)}` : counts.join(' and '),
    hint: faults > 0 ? 'Each fault names its line, its field and the mend.' : 'Each one names its file and its line.',
  }
}

/** What a good plugin offers, below its name. */
const actionsText = ({ report }: Validated, session: Session): string => {
  const { out } = session.colors
  if (report?.manifest === undefined || Object.keys(report.actions).length === 0) return ''
  const { name, version } = report.manifest
  return `${[`${out.bold(escapeLine(name))} ${escapeLine(version)}`, ...actionLines(report.actions, out)].join('\n')}\n`
}

/** Checks them one after the other. */
export const validatePaths = async (session: Session, paths: readonly string[]): Promise<Report> => {
  const results: Validated[] = []
  for (const path of paths) results.push(await check(session, path))
  const { out, err } = session.colors
  const faults = results.flatMap((result) => result.report?.faults ?? [])
  const error = summaryOf(results)
  const warnings = results.flatMap((result) =>
    (result.report?.warnings ?? []).map((message) => ({ path: result.path, message })),
  )
  const diagnostics = results.flatMap((result) =>
    diagnosticsOf(result).map((diagnostic) => ({ path: result.path, ...diagnostic })),
  )
  const unreadable = results.length === 1 ? [] : results.filter((result) => result.error !== undefined)
  return {
    json: {
      plugins: results.map((result) => ({
        path: result.path,
        ok: isGood(result),
        name: result.report?.manifest?.name ?? null,
        version: result.report?.manifest?.version ?? null,
        actions: result.report?.actions ?? {},
        ...(result.error === undefined ? {} : { error: result.error }),
      })),
      faults,
      diagnostics,
      warnings,
    },
    text: [
      ...faults.map((fault) => `${faultText(nearby(fault, session.io.cwd), out)}\n`),
      ...results.flatMap((result) =>
        errorsOf(result).map((diagnostic) => `${diagnosticText(placed(diagnostic, result), out)}\n`),
      ),
      ...results.filter(isGood).map((result) => actionsText(result, session)),
    ].join(''),
    notes: [
      ...unreadable.map((result) => `${escapeLine(result.path)}: ${escapeLine(result.error?.message ?? '')}`),
      ...warnings.map(
        (warning) => `${err.yellow('warning')} ${escapeLine(warning.path)}: ${escapeLine(warning.message)}`,
      ),
      ...results.flatMap((result) =>
        diagnosticsOf(result)
          .filter(({ severity }) => severity === 'warning')
          .map((one) => `${err.yellow('warning')} ${diagnosticText(placed(one, result), err)}`),
      ),
    ],
    ...(error === undefined ? {} : { error }),
  }
}
