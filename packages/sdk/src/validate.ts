// Checks a value against an action's schema inside the guest, with the checker that the host uses, so that the two
// never disagree. Patterns are matched by the guest's own engine: the schema is the plugin's, and a slow one harms
// nobody else. The host's check, which has a budget, is the one that counts.

import { type CheckedSchema, compileSchemaWith, validate } from '@bulkhead/kernel/schema'
import type { ValidationIssue } from './errors.ts'
import type { JsonSchema } from './json-schema.ts'

/** Finds the faults of values against one schema. */
export type FindIssues = (value: unknown) => readonly ValidationIssue[]

/**
 * Makes the check of a schema, compiled at its first use. Paths begin with `root`: `input.items[2].name`.
 * The check throws a BulkheadError `schema.invalid` for a schema that is none.
 */
export const makeCheck = (schema: JsonSchema | undefined, root: string): FindIssues => {
  if (schema === undefined) return () => []
  let compiled: CheckedSchema | undefined
  return (value) => {
    compiled ??= compileSchemaWith(schema, (source) => {
      const pattern = new RegExp(source, 'u')
      return { size: source.length, test: (text) => pattern.test(text) }
    })
    const result = validate(compiled, value, { maxSteps: Number.POSITIVE_INFINITY })
    if (result.ok) return []
    return result.issues.map(({ path, message }) => ({ path: join(root, path), message }))
  }
}

const join = (root: string, path: string): string =>
  path === '' ? root : path.startsWith('[') ? root + path : `${root}.${path}`
