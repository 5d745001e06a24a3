// Prints the outcome of a command: results on stdout, notes and errors on stderr, or one JSON document on stdout.

import type { WireError } from '@bulkhead/host'
import type { CliIo } from '../io.ts'
import type { Report } from '../report.ts'
import { colorsFor } from './colors.ts'
import { errorText } from './errors.ts'
import { jsonText } from './json.ts'

const withoutId = ({ id: _id, ...error }: WireError): WireError => error

/** Prints the one JSON document. */
export const printJson = async (io: CliIo, document: Readonly<Record<string, unknown>>): Promise<void> =>
  io.stdout.write(`${jsonText(document, io.stdout.isTTY ? 2 : 0)}\n`)

/** Prints what a command reported. */
export const printReport = async (io: CliIo, report: Report, json: boolean): Promise<void> => {
  if (json) {
    const error = report.error === undefined ? {} : { error: withoutId(report.error) }
    return printJson(io, { ok: report.error === undefined, ...report.json, ...error })
  }
  await io.stdout.write(report.text)
  for (const note of report.notes ?? []) await io.stderr.write(`${note}\n`)
  if (report.error !== undefined) await printError(io, report.error, false)
}

/** Prints an error that ended a command. */
export const printError = async (io: CliIo, error: WireError, json: boolean): Promise<void> => {
  if (json) return printJson(io, { ok: false, error: withoutId(error) })
  await io.stderr.write(errorText(error, colorsFor(io.stderr.isTTY, io.env)))
}
