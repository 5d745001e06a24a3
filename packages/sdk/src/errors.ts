// Failures that a plugin raises on purpose.

import type { JsonValue } from './json-schema.ts'

/** Options of {@link PluginError}. */
export interface PluginErrorOptions {
  /** The plugin's own code; callers find it in the details of `plugin.failed`, as `guestCode`. */
  readonly code?: string
  /** Facts for programs. */
  readonly details?: JsonValue
  readonly cause?: unknown
}

/**
 * A failure with a code of the plugin's own. The host reports it as `plugin.failed`: a plugin can never make an error
 * look like one of the host's.
 */
export class PluginError extends Error {
  override readonly name: string = 'PluginError'
  readonly code: string | undefined
  readonly details: JsonValue | undefined

  constructor(message: string, options: PluginErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = options.code
    this.details = options.details
  }
}

/** One fault of a value, with the path of the field: `input.items[2].name`. */
export interface ValidationIssue {
  readonly path: string
  readonly message: string
}

/** The input or output of an action does not fit its schema. */
export class ValidationError extends PluginError {
  override readonly name: string = 'ValidationError'
  readonly issues: readonly ValidationIssue[]

  constructor(code: 'input-invalid' | 'output-invalid', issues: readonly ValidationIssue[]) {
    super(issues.map(({ path, message }) => `${path}: ${message}`).join('; '), {
      code,
      details: issues.map(({ path, message }) => ({ path, message })),
    })
    this.issues = issues
  }
}
