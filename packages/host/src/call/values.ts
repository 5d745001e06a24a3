// Values at the edge of a call: into the wire's payload, and checked against the action's schemas.

import {
  type ActionSpec,
  BulkheadError,
  type CheckedSchema,
  compileSchema,
  jsonDepthExceeds,
  type Payload,
  packPayload,
  unpackPayload,
  validate,
} from '@bulkhead/kernel'

const maxInputLength = 64 * 1024 * 1024
const maxDepth = 256
/**
 * Members of an output, in all its lists and objects together: what a plugin writes in three characters becomes an object
 * here, and the host does nothing else while millions of them are made. As many as an input of a host function may have.
 */
const maxOutputMembers = 250_000

/** Validation steps for a value of that many characters: linear in the value, and bounded whatever its size. */
const stepsFor = (payload: Payload): number => 100_000 + 2 * Math.min(payload.json.length, 2 ** 21)

/** Checked schemas of one action; made once per plugin and action. */
export interface ActionSchemas {
  readonly input: CheckedSchema | undefined
  readonly output: CheckedSchema | undefined
}

/** @throws BulkheadError `schema.invalid` */
export const compileActionSchemas = (spec: ActionSpec): ActionSchemas => ({
  input: spec.input === undefined ? undefined : compileSchema(spec.input),
  output: spec.output === undefined ? undefined : compileSchema(spec.output),
})

/**
 * Packs a caller's input. Goes through JSON text, so that getters, prototypes and cycles of the caller's objects never
 * reach a guest, and what is validated is what is sent.
 * @throws BulkheadError `input.not-json`, `input.too-large`, `input.too-deep`
 */
export const packInput = (input: unknown): Payload => {
  let payload: Payload
  try {
    payload = packPayload(input)
  } catch (cause) {
    const tooDeep = cause instanceof RangeError
    throw new BulkheadError(
      tooDeep ? 'input.too-deep' : 'input.not-json',
      `the input cannot be written as JSON: ${(cause as Error).message}`,
      { cause },
    )
  }
  const { json, blobs } = payload
  const size = blobs === undefined ? json.length : blobs.reduce((sum, blob) => sum + blob.byteLength, json.length)
  if (size > maxInputLength) {
    throw new BulkheadError('input.too-large', `the input is ${size} bytes; at most ${maxInputLength} are taken`)
  }
  if (jsonDepthExceeds(json, maxDepth)) {
    throw new BulkheadError('input.too-deep', `the input is nested deeper than ${maxDepth} levels`)
  }
  return payload
}

/**
 * Validates what will be sent, and gives it: no input is an empty object where only that fits, as an action wants it of which every
 * field is optional. @throws BulkheadError `input.invalid`, with each field's path; `schema.budget`
 */
export const checkInput = (schema: CheckedSchema | undefined, payload: Payload, what: string): Payload => {
  if (schema === undefined) return payload
  const caps = { maxLength: maxInputLength, maxDepth }
  const value = unpackPayload(payload, what, caps)
  const outcome = validate(schema, value, { maxSteps: stepsFor(payload) })
  if (outcome.ok) return payload
  if (value === null && validate(schema, {}, { maxSteps: stepsFor(payload) }).ok) return { json: '{}' }
  throw invalid('input.invalid', `${what} does not fit its schema`, outcome.issues)
}

/** Unpacks and validates what the guest returned. @throws BulkheadError `output.invalid`, `limit.output` */
export const readOutput = (schema: CheckedSchema | undefined, payload: Payload, what: string): unknown => {
  let value: unknown
  try {
    const caps = { maxLength: Number.MAX_SAFE_INTEGER, maxDepth, maxMembers: maxOutputMembers }
    value = unpackPayload(payload, what, caps)
  } catch (cause) {
    const most = `at most ${maxDepth} levels and ${maxOutputMembers} members`
    throw new BulkheadError('output.invalid', `${what} is not JSON of ${most}`, {
      hint: 'Ask for raw output (invokeRaw, --raw) if the plugin returns text or bytes.',
      cause,
    })
  }
  if (schema !== undefined) {
    const outcome = validate(schema, value, { maxSteps: stepsFor(payload) })
    if (!outcome.ok) throw invalid('output.invalid', `${what} does not fit its schema`, outcome.issues)
  }
  return value
}

const invalid = (
  code: 'input.invalid' | 'output.invalid',
  what: string,
  issues: readonly { readonly path: string; readonly message: string }[],
): BulkheadError => {
  const shown = issues.slice(0, 10)
  const lines = shown.map((issue) => (issue.path === '' ? issue.message : `${issue.path}: ${issue.message}`)).join('; ')
  return new BulkheadError(code, `${what}: ${lines}`, {
    details: { issues: shown.map((issue) => ({ path: issue.path, message: issue.message })) },
  })
}
