// Checks a value against a schema inside the guest, naming the path of each fault. The schema is the plugin's own, so
// a slow one harms nobody else; the host checks again, with a budget, and its word is the one that counts.

import type { ValidationIssue } from './errors.ts'
import type { JsonSchema, JsonSchemaObject } from './json-schema.ts'

const maxIssues = 20
const maxDepth = 256

/** The faults of a value, at most 20, each with its path from `root` (`input.items[2].name`). Empty: it fits. */
export const findIssues = (schema: JsonSchema, value: unknown, root: string): readonly ValidationIssue[] => {
  const issues: ValidationIssue[] = []
  check({ schema, value, path: root }, { top: schema, issues, depth: 0 })
  return issues
}

interface Subject {
  readonly schema: JsonSchema
  readonly value: unknown
  readonly path: string
}
interface Run {
  readonly top: JsonSchema
  readonly issues: ValidationIssue[]
  readonly depth: number
}

const check = ({ schema, value, path }: Subject, run: Run): void => {
  const say = (message: string): void => {
    if (run.issues.length < maxIssues) run.issues.push({ path, message })
  }
  if (schema === true) return
  if (schema === false) return say('is not allowed')
  if (run.depth > maxDepth) return say('is nested too deeply')
  const inner = { ...run, depth: run.depth + 1 }
  if (typeof schema['$ref'] === 'string') {
    const target = resolveReference(run.top, schema['$ref'])
    if (target === undefined) return say(`cannot be checked: ${schema['$ref']} leads nowhere`)
    check({ schema: target, value, path }, inner)
  }
  if (schema.type !== undefined) {
    const wanted = typeof schema.type === 'string' ? [schema.type] : schema.type
    if (!wanted.some((name) => hasType(name, value))) return say(`must be ${wanted.map(withArticle).join(' or ')}`)
  }
  if (schema.const !== undefined && !equal(schema.const, value)) say(`must be ${JSON.stringify(schema.const)}`)
  if (schema.enum !== undefined && !schema.enum.some((member) => equal(member, value))) {
    say(`must be one of ${schema.enum.map((member) => JSON.stringify(member)).join(', ')}`)
  }
  if (typeof value === 'string') checkText(schema, value, say)
  else if (typeof value === 'number') checkNumber(schema, value, say)
  else if (Array.isArray(value)) checkArray({ schema, value, path }, inner, say)
  else if (isObject(value)) checkObject({ schema, value, path }, inner, say)
  checkCombinations({ schema, value, path }, inner, say)
}

type Say = (message: string) => void
type Part<Value> = { readonly schema: JsonSchemaObject; readonly value: Value; readonly path: string }

const checkText = (schema: JsonSchemaObject, value: string, say: Say): void => {
  const length = schema.minLength === undefined && schema.maxLength === undefined ? 0 : [...value].length
  if (schema.minLength !== undefined && length < schema.minLength) {
    say(schema.minLength === 1 ? 'must not be empty' : `must have at least ${schema.minLength} characters`)
  }
  if (schema.maxLength !== undefined && length > schema.maxLength) {
    say(`must have at most ${schema.maxLength} characters`)
  }
  if (schema.pattern !== undefined && !new RegExp(schema.pattern, 'u').test(value)) say(`must match ${schema.pattern}`)
}

const checkNumber = (schema: JsonSchemaObject, value: number, say: Say): void => {
  if (schema.minimum !== undefined && value < schema.minimum) say(`must be at least ${schema.minimum}`)
  if (schema.maximum !== undefined && value > schema.maximum) say(`must be at most ${schema.maximum}`)
  if (schema.exclusiveMinimum !== undefined && value <= schema.exclusiveMinimum) {
    say(`must be more than ${schema.exclusiveMinimum}`)
  }
  if (schema.exclusiveMaximum !== undefined && value >= schema.exclusiveMaximum) {
    say(`must be less than ${schema.exclusiveMaximum}`)
  }
  if (schema.multipleOf !== undefined) {
    const share = value / schema.multipleOf
    if (Math.abs(share - Math.round(share)) > 1e-9) say(`must be a multiple of ${schema.multipleOf}`)
  }
}

const checkArray = ({ schema, value, path }: Part<readonly unknown[]>, run: Run, say: Say): void => {
  if (schema.minItems !== undefined && value.length < schema.minItems)
    say(`must have at least ${schema.minItems} items`)
  if (schema.maxItems !== undefined && value.length > schema.maxItems) say(`must have at most ${schema.maxItems} items`)
  if (schema.uniqueItems === true && new Set(value.map((item) => JSON.stringify(item))).size < value.length) {
    say('must not repeat an item')
  }
  value.forEach((item, index) => {
    const own = schema.prefixItems?.[index] ?? schema.items
    if (own !== undefined) check({ schema: own, value: item, path: `${path}[${index}]` }, run)
  })
}

const checkObject = ({ schema, value, path }: Part<Readonly<Record<string, unknown>>>, run: Run, say: Say): void => {
  const below = (name: string): string =>
    /^[A-Za-z_$][\w$]*$/.test(name) ? `${path}.${name}` : `${path}[${JSON.stringify(name)}]`
  const names = Object.keys(value).filter((name) => value[name] !== undefined)
  for (const name of schema.required ?? []) {
    if (!names.includes(name) && run.issues.length < maxIssues)
      run.issues.push({ path: below(name), message: 'is missing' })
  }
  if (schema.minProperties !== undefined && names.length < schema.minProperties) {
    say(`must have at least ${schema.minProperties} members`)
  }
  if (schema.maxProperties !== undefined && names.length > schema.maxProperties) {
    say(`must have at most ${schema.maxProperties} members`)
  }
  for (const name of names) {
    const known = schema.properties !== undefined && Object.hasOwn(schema.properties, name)
    const own = known ? schema.properties?.[name] : schema.additionalProperties
    if (own !== undefined) check({ schema: own, value: value[name], path: below(name) }, run)
  }
}

const checkCombinations = ({ schema, value, path }: Part<unknown>, run: Run, say: Say): void => {
  const fits = (member: JsonSchema): boolean => {
    const issues: ValidationIssue[] = []
    check({ schema: member, value, path }, { ...run, issues })
    return issues.length === 0
  }
  for (const member of schema.allOf ?? []) check({ schema: member, value, path }, run)
  if (schema.anyOf !== undefined && !schema.anyOf.some(fits)) say('fits none of the allowed forms')
  if (schema.oneOf !== undefined) {
    const count = schema.oneOf.filter(fits).length
    if (count !== 1) say(count === 0 ? 'fits none of the allowed forms' : 'fits more than one of the exclusive forms')
  }
  if (schema.not !== undefined && fits(schema.not)) say('is of a form that is not allowed')
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const hasType = (name: string, value: unknown): boolean => {
  if (name === 'integer') return Number.isInteger(value)
  if (name === 'null') return value === null
  if (name === 'array') return Array.isArray(value)
  if (name === 'object') return isObject(value) && !(value instanceof Uint8Array)
  // A byte string is a string with a content encoding where it crosses as JSON.
  if (name === 'string') return typeof value === 'string' || value instanceof Uint8Array
  return typeof value === name && (name !== 'number' || Number.isFinite(value))
}

const withArticle = (name: string): string =>
  name === 'null' ? 'null' : /^[aio]/.test(name) ? `an ${name}` : `a ${name}`

const equal = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => equal(item, b[index]))
  if (!isObject(a) || !isObject(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length && names.every((name) => Object.hasOwn(b, name) && equal(a[name], b[name]))
  )
}

/** Local references only: `#`, `#/$defs/item` (RFC 6901). */
const resolveReference = (top: JsonSchema, reference: string): JsonSchema | undefined => {
  if (!reference.startsWith('#')) return undefined
  let at: unknown = top
  for (const part of reference.slice(1).split('/').slice(1)) {
    const name = decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined
    at = (at as Record<string, unknown>)[name]
  }
  return typeof at === 'boolean' || isObject(at) ? at : undefined
}
