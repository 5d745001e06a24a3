// The rows of the guest API table with what the host functions' schemas say of them: the one model from which types, stubs
// and the reference are written. It says every fault of a row at once.

import { z } from 'zod'
import type { AnyHostFunction } from '../../packages/kernel/src/index.ts'
import { type GuestMethod, guestApi } from '../../packages/sdk/src/guest-api.ts'
import { functionsByName } from './standard-functions.ts'

/** The parts of JSON Schema that zod writes. */
export interface Schema {
  readonly type?: string | readonly string[] | undefined
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly anyOf?: readonly Schema[] | undefined
  readonly oneOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: Schema | boolean
  readonly propertyNames?: Schema
  readonly items?: Schema | false
  readonly prefixItems?: readonly Schema[]
  readonly minItems?: number
  readonly description?: string
  readonly default?: unknown
  readonly contentEncoding?: string
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, Schema>>
}

/** A field of an input, as one method takes it. */
export interface Field {
  readonly name: string
  readonly schema: Schema
  readonly isRequired: boolean
}

/** A method with its types. */
export interface Method {
  readonly row: GuestMethod
  readonly fn: AnyHostFunction
  readonly positional: readonly Field[]
  /** What the last argument may bring; empty when there is none. */
  readonly options: readonly Field[]
  /** Undefined: nothing comes back. */
  readonly result: Schema | undefined
  /** Whether there may be no result. */
  readonly isOptional: boolean
}

// A field of bytes is a union inside (bytes or base64); outside it is bytes.
const override = ({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void => {
  if (jsonSchema.contentEncoding === 'base64') delete jsonSchema.anyOf
}

/** The JSON Schema of one side of a host function. */
export const schemaOf = (schema: z.ZodType, io: 'input' | 'output'): Schema =>
  inlined(z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline', override }) as Schema)

/** The schema with its references replaced; a schema that refers to itself takes anything there. */
const inlined = (schema: Schema, defs = schema.$defs ?? {}, within: readonly string[] = []): Schema => {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? ''
    const target = within.includes(name) ? {} : inlined(defs[name] ?? {}, defs, [...within, name])
    return { ...target, ...(schema.description === undefined ? {} : { description: schema.description }) }
  }
  const inside = (part: Schema): Schema => inlined(part, defs, within)
  const { anyOf, oneOf, allOf, properties, additionalProperties, items, prefixItems } = schema
  return {
    ...schema,
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map(inside) }),
    ...(oneOf === undefined ? {} : { oneOf: oneOf.map(inside) }),
    ...(allOf === undefined ? {} : { allOf: allOf.map(inside) }),
    ...(typeof additionalProperties === 'object' ? { additionalProperties: inside(additionalProperties) } : {}),
    ...(typeof items === 'object' ? { items: inside(items) } : {}),
    ...(prefixItems === undefined ? {} : { prefixItems: prefixItems.map(inside) }),
    ...(properties === undefined
      ? {}
      : { properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, inside(part)])) }),
  }
}

/** Whether a value of the schema is bytes. */
export const isBytes = (schema: Schema): boolean => schema.contentEncoding === 'base64'

/** Whether the schema takes anything. */
export const isAnything = (schema: Schema): boolean =>
  (['type', 'enum', 'const', 'anyOf', 'oneOf', 'allOf', 'properties', 'contentEncoding'] as const).every(
    (keyword) => schema[keyword] === undefined,
  )

/** The schema without null. */
const withoutNull = (schema: Schema): Schema => {
  const { type, anyOf } = schema
  if (anyOf !== undefined) {
    const rest = anyOf.filter((choice) => choice.type !== 'null')
    return rest.length === 1 ? { ...schema, anyOf: undefined, ...rest[0] } : { ...schema, anyOf: rest }
  }
  if (type === undefined || typeof type === 'string') return schema
  const rest = type.filter((name) => name !== 'null')
  return { ...schema, type: rest.length === 1 ? rest[0] : rest }
}

const isFalseable = (schema: Schema): boolean => {
  const types = [schema.type ?? []].flat()
  return types.includes('boolean') || types.includes('null') || (schema.anyOf ?? []).some(isFalseable)
}

const resultSchema = (result: GuestMethod['result'], output: Schema): Schema | undefined => {
  if (result === 'nothing') return undefined
  if (result === 'whole') return output
  const schema = output.properties?.[result.field] ?? {}
  // Null is then how a member says that there is nothing.
  return result.unless === undefined ? schema : withoutNull(schema)
}

/** The model of one row, and what is wrong with the row. */
export const makeMethod = (row: GuestMethod, functions = functionsByName): { method?: Method; faults: string[] } => {
  const at = `${row.area}.${row.name}`
  const fn = functions.get(row.calls)
  if (fn === undefined) return { faults: [`${at}: there is no host function ${row.calls}`] }
  const input = schemaOf(fn.input, 'input')
  const output = schemaOf(fn.output, 'output')
  const fields = input.properties ?? {}
  const required = input.required ?? []
  const faults: string[] = []
  const fault = (text: string): void => void faults.push(`${at}: ${text}`)
  const known = (name: string, as: string): boolean => {
    const isKnown = Object.hasOwn(fields, name)
    if (!isKnown) fault(`${row.calls} takes no ${name} (${as})`)
    return isKnown
  }

  const positional = row.positional.map((text): Field => {
    const name = text.replace(/\?$/, '')
    known(name, 'positional')
    if (text.endsWith('?') && required.includes(name)) fault(`${name} cannot be left out of ${row.calls}`)
    return { name, schema: fields[name] ?? {}, isRequired: !text.endsWith('?') }
  })
  const firstOptional = positional.findIndex(({ isRequired }) => !isRequired)
  if (firstOptional >= 0 && positional.slice(firstOptional).some(({ isRequired }) => isRequired)) {
    fault('what may be left out stands before what may not')
  }
  for (const name of Object.keys(row.fixed ?? {})) known(name, 'fixed')
  for (const name of row.without ?? []) known(name, 'without')
  const taken = new Set([
    ...positional.map(({ name }) => name),
    ...Object.keys(row.fixed ?? {}),
    ...(row.without ?? []),
  ])
  const rest = Object.entries(fields)
    .filter(([name]) => !taken.has(name))
    .map(([name, schema]): Field => ({ name, schema, isRequired: required.includes(name) }))
  if (row.options && rest.length === 0) fault('there is nothing left for options')
  if (!row.options && rest.length > 0) {
    fault(`${rest.map(({ name }) => name).join(', ')} cannot be given; set options, or name them in without`)
  }
  if (row.fixed !== undefined) {
    const wrong = Object.entries(row.fixed).filter(([name, value]) => {
      const choices = fields[name]?.enum
      return choices !== undefined && !choices.includes(value)
    })
    for (const [name] of wrong) fault(`the fixed ${name} is none of its choices`)
  }

  const options = row.options ? rest : []
  const marked = new Set(row.bytes)
  for (const name of marked) {
    if (known(name, 'bytes') && !isBytes(fields[name] ?? {})) fault(`${name} is not bytes`)
  }
  for (const { name, schema } of [...positional, ...options]) {
    if (isBytes(schema) && !marked.has(name)) fault(`${name} is bytes, and not marked so`)
  }

  const { result } = row
  if (typeof result === 'object') {
    for (const name of [result.field, result.unless]) {
      if (name !== undefined && !Object.hasOwn(output.properties ?? {}, name)) fault(`${row.calls} answers no ${name}`)
    }
    if (result.unless !== undefined && !isFalseable(output.properties?.[result.unless] ?? {})) {
      fault(`${result.unless} is never false or null`)
    }
  }
  const method: Method = {
    row,
    fn,
    positional,
    options,
    result: resultSchema(row.result, output),
    isOptional: typeof result === 'object' && result.unless !== undefined,
  }
  return { method, faults }
}

/** All methods, by area in the order of the table. @throws Error that tells every fault */
export const makeMethods = (): ReadonlyMap<string, readonly Method[]> => {
  const areas = new Map<string, Method[]>()
  const faults: string[] = []
  for (const row of guestApi) {
    const made = makeMethod(row)
    faults.push(...made.faults)
    if (made.method !== undefined) areas.set(row.area, [...(areas.get(row.area) ?? []), made.method])
  }
  if (faults.length > 0) throw new Error(faults.join('\n'))
  return areas
}
