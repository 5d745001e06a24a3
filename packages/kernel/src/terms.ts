// What a program needs before it does anything: errors, how texts are escaped, limits and the other closed lists of names. Whoever
// prints help or a version imports this instead of the whole kernel, which brings schemas, parsers and the gate along.

export { auditEventTypes } from './audit/record.ts'
export { BulkheadError, type ErrorCode, errorTable, isErrorCode, type WireError } from './errors.ts'
export { type Json, type JsonObject, parseJson } from './json.ts'
export { isLimitName, type LimitName, limitNames, limitSpecs, limitText, parseLimit } from './limit-specs.ts'
export { type Limits, parseDurationMs, type WasmFeatures, wasmFeatures } from './limits.ts'
export { escapeBlock, escapeLine } from './text/escape.ts'
