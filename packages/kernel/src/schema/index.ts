// `@bulkhead/kernel/schema`: the schema checker without a pattern matcher, small enough to be bundled into guests.
// Imports neither zod nor yaml nor RE2; the caller brings the matcher.

export { CheckedSchema, compileSchemaWith } from './compile.ts'
export { type FieldPath, fieldName } from './field-path.ts'
export { type LinearPattern, type PatternCompiler, schemaCaps } from './node.ts'
export type { SchemaIssue } from './run.ts'
export { defaultMaxSteps, formatIssues, type ValidationResult, validate } from './validate.ts'
