// The errors of the standard library, and what it tells of errors of others.

import { PluginError } from '../errors.ts'
import type { JsonValue } from '../json-schema.ts'

/** Codes of the library's own errors; the same in every language. */
export type LibraryCode =
  | 'library.argument'
  | 'library.host'
  | 'machine.invalid'
  | 'machine.unknown-event'
  | 'machine.conflict'
  | 'workflow.invalid'
  | 'workflow.cycle'
  | 'workflow.changed'
  | 'workflow.conflict'
  | 'task.timeout'

/** Makes one. */
export const failure = (code: LibraryCode, message: string, details?: JsonValue): PluginError =>
  new PluginError(message, { code, ...(details === undefined ? {} : { details }) })

/** What is kept of an error. */
export interface KnownFailure {
  readonly code?: string
  readonly message: string
}

const longestMessage = 2000

/** Tells what was thrown, whatever it is. */
export const tellFailure = (thrown: unknown): KnownFailure => {
  if (typeof thrown !== 'object' || thrown === null) return { message: String(thrown).slice(0, longestMessage) }
  const { code, message } = thrown as { readonly code?: unknown; readonly message?: unknown }
  return {
    ...(typeof code === 'string' ? { code } : {}),
    message: String(message ?? 'it failed').slice(0, longestMessage),
  }
}

/** Whether the value is an object and no list. It narrows nothing: what authors write is typed already, and may still be wrong. */
export const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
