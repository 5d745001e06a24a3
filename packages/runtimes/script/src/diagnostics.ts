// What an error over sources says, as a list of diagnostics. The details may come from a jail: they are read as if they were hostile.

import type { BulkheadError, Json, JsonObject, SourceDiagnostic } from '@bulkhead/kernel'

const maxDiagnostics = 100
const maxText = 2000

const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, maxText) : undefined

const countOf = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined

/** One diagnostic out of facts of any shape; `entry` is the file when they name none. */
export const diagnosticOf = (facts: JsonObject, entry: string): SourceDiagnostic => {
  const file = textOf(facts['file']) ?? textOf(facts['importer']) ?? entry
  const [line, column, frame] = [countOf(facts['line']), countOf(facts['column']), textOf(facts['frame'])]
  const place = ` (${[file, line, ...(column === undefined ? [] : [column])].join(':')})`
  const message = textOf(facts['message']) ?? 'something is wrong in it'
  return {
    severity: facts['severity'] === 'warning' ? 'warning' : 'error',
    // The place is told beside it.
    message: message.endsWith(place) ? message.slice(0, -place.length) : message,
    file,
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
    ...(frame === undefined ? {} : { frame }),
  }
}

/** The faults that an error of bundling or compiling stands for: its own, and those in its details. */
export const diagnosticsOf = ({ message, details = {} }: BulkheadError, entry: string): readonly SourceDiagnostic[] => {
  const others = Array.isArray(details['others']) ? details['others'].filter(isObject) : []
  return [{ ...details, message, severity: 'error' }, ...others]
    .slice(0, maxDiagnostics)
    .map((facts) => diagnosticOf(facts, entry))
}
