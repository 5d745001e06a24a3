// Checks values against compiled schemas, within a budget.

import { CheckedSchema } from './compile.ts'
import { type SchemaIssue, ValidationRun } from './run.ts'

/** What validation says. */
export type ValidationResult = { readonly ok: true } | { readonly ok: false; readonly issues: readonly SchemaIssue[] }

/** Steps of one validation unless the caller says otherwise: some 50 ms of work at most. */
export const defaultMaxSteps = 100_000

/**
 * Checks a value: JSON, with `Uint8Array` where the schema says `contentEncoding: base64`. One step is a keyword
 * applied to a value, an item or field looked at, or 256 characters read (times the size of a pattern).
 *
 * @throws BulkheadError `schema.budget` when the steps are used up
 */
export const validate = (
  schema: CheckedSchema,
  value: unknown,
  options: { readonly maxSteps?: number } = {},
): ValidationResult => {
  const run = new ValidationRun(options.maxSteps ?? defaultMaxSteps)
  const fits = run.apply(CheckedSchema.rootOf(schema), value, undefined)
  return fits ? { ok: true } : { ok: false, issues: run.issues }
}

/** Issues as one sentence: `items[2].name is required; age must be a number`. */
export const formatIssues = (issues: readonly SchemaIssue[]): string => {
  const shown = issues.slice(0, 10).map(({ path, message }) => `${path === '' ? 'the value' : path} ${message}`)
  return `${shown.join('; ')}${issues.length > 10 ? `; and ${issues.length - 10} more` : ''}`
}
