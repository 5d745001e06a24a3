// What a plugin says of its actions, read within caps. The manifest's own entries win over it at the host.

import type { ActionSpec, JsonObject } from '@bulkhead/kernel'
import { BulkheadError, parseJson, riskLevels } from '@bulkhead/kernel/wire'

const maxActions = 500
const maxListLength = 8 * 1024 * 1024
// A schema may be 64 deep (DESIGN: schemas that plugins bring), three levels down in the list.
const maxListDepth = 68
/** Members of all schemas together: the host makes objects of them in one piece. */
const maxListMembers = 100_000
const maxSchemaLength = 65_536
const maxDescription = 4096
const namePattern = /^[A-Za-z_$][\w$.-]{0,127}$/

/** Parses the prelude's list. @throws BulkheadError `artifact.invalid`, `schema.invalid` */
export const parseActionList = (json: string): Readonly<Record<string, ActionSpec>> => {
  let list: unknown
  try {
    list = parseJson(json, 'the list of actions', {
      maxLength: maxListLength,
      maxDepth: maxListDepth,
      maxMembers: maxListMembers,
    })
  } catch (cause) {
    throw new BulkheadError('artifact.invalid', (cause as Error).message, { cause })
  }
  if (!isObject(list)) throw new BulkheadError('artifact.invalid', 'the plugin does not describe its actions')
  const entries = Object.entries(list)
  if (entries.length > maxActions) {
    throw new BulkheadError(
      'artifact.invalid',
      `the plugin has ${entries.length} actions; at most ${maxActions} are taken`,
    )
  }
  return Object.fromEntries(
    entries.map(([name, spec]) => [checkedName(name), parseSpec(name, isObject(spec) ? spec : {})]),
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const checkedName = (name: string): string => {
  if (namePattern.test(name)) return name
  throw new BulkheadError('artifact.invalid', `"${name.slice(0, 100)}" is not an action name`, {
    hint: 'Use letters, digits, "_", "-" and ".", and start with a letter.',
  })
}

const parseSpec = (action: string, spec: Record<string, unknown>): ActionSpec => {
  const { description, input, output, risk, timeoutMs } = spec
  const level = riskLevels.find((name) => name === risk)
  return {
    ...(typeof description === 'string' ? { description: description.slice(0, maxDescription) } : {}),
    ...(input === undefined ? {} : { input: parseSchema(`${action}.input`, input) }),
    ...(output === undefined ? {} : { output: parseSchema(`${action}.output`, output) }),
    ...(level === undefined ? {} : { risk: level }),
    ...(typeof timeoutMs === 'number' && timeoutMs > 0 ? { timeoutMs } : {}),
  }
}

const parseSchema = (what: string, schema: unknown): JsonObject | boolean => {
  if (typeof schema === 'boolean') return schema
  if (!isObject(schema)) throw new BulkheadError('schema.invalid', `${what} is not a JSON Schema`)
  const { length } = JSON.stringify(schema)
  if (length > maxSchemaLength) {
    throw new BulkheadError(
      'schema.invalid',
      `${what} is ${length} characters long; at most ${maxSchemaLength} are taken`,
    )
  }
  return schema as JsonObject
}
