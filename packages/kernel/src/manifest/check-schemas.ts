// The JSON Schemas in a manifest (of actions and configuration) are refused at parse when they would be refused later,
// so that an author learns of it from `validate` and not from the first call.

import { asBulkheadError } from '../errors.ts'
import { compileSchemaWith } from '../schema/compile.ts'
import { compileLinearPattern } from '../schema/linear-patterns.ts'
import type { PatternCompiler } from '../schema/node.ts'
import type { FaultAtPath, FieldPath } from './fault.ts'
import { isTable } from './source-tree.ts'

/** Checks `actions.*.input`, `actions.*.output` and `config`, whatever else may be wrong around them. */
export const checkSchemas = (authored: Readonly<Record<string, unknown>>): FaultAtPath[] => {
  const { actions, config } = authored
  const patterns = countingCompiler()
  const ofActions = Object.entries(isTable(actions) ? actions : {}).flatMap(([name, action]) =>
    isTable(action) ? sides.flatMap((side) => faultOfSchema(action[side], ['actions', name, side], patterns)) : [],
  )
  return [...ofActions, ...faultOfSchema(config, ['config'], patterns)]
}

const sides = ['input', 'output'] as const

/** Most patterns in all schemas of a manifest together. */
const maxPatterns = 300

const countingCompiler = (): PatternCompiler => {
  let left = maxPatterns
  return (source) => {
    if (--left < 0) throw new Error(`the manifest has more than ${maxPatterns} patterns`)
    return compileLinearPattern(source)
  }
}

const faultOfSchema = (schema: unknown, path: FieldPath, patterns: PatternCompiler): FaultAtPath[] => {
  // What is no schema at all is a fault of its field's type already.
  if (!isTable(schema)) return []
  try {
    compileSchemaWith(schema, patterns)
    return []
  } catch (thrown) {
    const { message, hint } = asBulkheadError(thrown)
    const pointer = /^the schema is not valid at #((?:\/[^/: ]+)*): /.exec(message)?.[1] ?? ''
    const steps = pointer
      .split('/')
      .slice(1)
      .map((part) => (/^\d+$/.test(part) ? Number(part) : part))
    return [{ path: [...path, ...steps], message: `is refused: ${message}`, mend: hint }]
  }
}
