// Patterns of schemas, matched in linear time by RE2JS. Kept apart from the rest of schema/ so that a guest that
// brings a matcher of its own need not carry this one.

import { RE2JS } from 're2js'
import { type CheckedSchema, compileSchemaWith } from './compile.ts'
import type { PatternCompiler } from './node.ts'
import { estimatePatternSize } from './pattern-size.ts'

/** Largest compiled pattern, instructions: `(a{30}){30}` is about 900. */
const maxProgramSize = 2000

/** Compiles with RE2 (no backreferences, no look-around). @throws Error for what RE2 refuses, and for huge programs */
export const compileLinearPattern: PatternCompiler = (source) => {
  const estimate = estimatePatternSize(source)
  if (estimate > maxProgramSize)
    throw new Error(`its repetitions make it ${estimate} long; ${maxProgramSize} are allowed`)
  const pattern = RE2JS.compile(RE2JS.translateRegExp(source))
  const size = pattern.programSize()
  if (size > maxProgramSize) throw new Error(`it compiles to ${size} instructions; ${maxProgramSize} are allowed`)
  return { size, test: (text) => pattern.test(text) }
}

/**
 * Compiles a JSON Schema that somebody else wrote. See {@link compileSchemaWith}.
 * @throws BulkheadError `schema.invalid`
 */
export const compileSchema = (schema: unknown): CheckedSchema => compileSchemaWith(schema, compileLinearPattern)
