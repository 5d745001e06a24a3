// From a type to a JSON Schema. Names are replaced by what they stand for, in place: a type that contains itself ends as
// anything, and all types of a file together may have only so many parts.

import type { Json, JsonObject } from '@bulkhead/kernel/wire'
import { annotationCaps } from './annotation.ts'
import type { DeclaredTypes } from './declared-types.ts'
import type { RecordNode, TypeNode } from './type-node.ts'

/** What is written for whom. */
export interface Rendering {
  /** What goes into an action may have no further members; what comes out may. */
  readonly direction: 'input' | 'output'
  readonly dialect: Dialect
}

/**
 * What a language makes of values: in Lua and Rune what is absent and what is nothing are one, and Lua knows one table, so that an
 * empty list may come as an empty object.
 */
export type Dialect = 'script' | 'rune' | 'lua'

/** A schema, and whether null will do as well. */
export interface Rendered {
  readonly schema: JsonObject
  readonly nullable: boolean
}

type Told = (line: number, message: string) => void

/** Writes the schemas of one file. */
export class TypeWriter {
  readonly #types: DeclaredTypes
  readonly #told: Told
  readonly #open = new Set<string>()
  #parts = 0
  #depth = 0
  #length = 0

  constructor(types: DeclaredTypes, told: Told) {
    this.#types = types
    this.#told = told
  }

  /** The schema of a type; `{}` for anything. */
  schema(type: TypeNode, rendering: Rendering): JsonObject {
    const { schema, nullable } = this.render(type, rendering)
    return nullable ? withNull(schema) : schema
  }

  /** See {@link Rendered}. */
  render(type: TypeNode, rendering: Rendering): Rendered {
    if (++this.#parts > annotationCaps.typeParts) {
      this.#told(1, `the types of this file have more than ${annotationCaps.typeParts} parts; the rest is left out`)
      return anything
    }
    // With all names looked up it may be deeper than it was written.
    if (this.#depth >= annotationCaps.typeDepth) return anything
    this.#depth++
    try {
      return this.#render(type, rendering)
    } finally {
      this.#depth--
    }
  }

  /** A schema as a member of an annotation; left out when it says nothing, or is too long to be taken. */
  bounded(
    member: 'input' | 'output',
    schema: JsonObject | undefined,
    line: number,
  ): { readonly [name in 'input' | 'output']?: JsonObject } {
    if (schema === undefined || Object.keys(schema).length === 0) return {}
    const { length } = JSON.stringify(schema)
    this.#length += length
    if (length <= annotationCaps.schema && this.#length <= annotationCaps.schemas) return { [member]: schema }
    this.#told(line, `the schema of the ${member} is too long: it is left out`)
    return {}
  }

  #render(type: TypeNode, rendering: Rendering): Rendered {
    switch (type.kind) {
      case 'any':
        return anything
      case 'simple':
        return type.type === 'null' ? { schema: {}, nullable: true } : plain({ type: type.type })
      case 'table':
        return plain({ type: ['object', 'array'] })
      case 'literal':
        return plain({ enum: [type.value] })
      case 'list':
        return plain(listSchema({ items: this.schema(type.item, rendering) }, rendering))
      case 'tuple': {
        const items = type.items.map((item) => this.schema(item, rendering))
        return plain({ type: 'array', prefixItems: items, minItems: items.length, maxItems: items.length })
      }
      case 'record':
        return plain(this.#record(type, rendering))
      case 'union':
        return this.#union(type.members, rendering)
      case 'named':
        return this.#named(type, rendering)
      case 'both':
      case 'partial': {
        const record = this.recordOf(type)
        return record === undefined ? anything : plain(this.#record(record, rendering))
      }
    }
  }

  /** The record that a type is, names looked up and joined; undefined for any other type. */
  recordOf(type: TypeNode, depth = 0): RecordNode | undefined {
    if (depth > annotationCaps.typeDepth || ++this.#parts > annotationCaps.typeParts) return undefined
    if (type.kind === 'record') return type
    if (type.kind === 'partial') {
      const record = this.recordOf(type.of, depth + 1)
      this.#parts += record?.fields.length ?? 0
      return record && { ...record, fields: record.fields.map((field) => ({ ...field, optional: true })) }
    }
    if (type.kind === 'named') {
      const declared = this.#types.get(type.name)
      return declared === undefined ? undefined : this.recordOf(declared, depth + 1)
    }
    if (type.kind !== 'both') return undefined
    const records = type.members.map((member) => this.recordOf(member, depth + 1))
    if (!records.every((record) => record !== undefined)) return undefined
    const fields = new Map(records.flatMap((record) => record.fields).map((field) => [field.name, field]))
    this.#parts += fields.size
    const rest = records.find((record) => record.rest !== undefined)?.rest
    return { kind: 'record', fields: [...fields.values()], ...(rest === undefined ? {} : { rest }) }
  }

  #record({ fields, rest }: RecordNode, rendering: Rendering): JsonObject {
    const properties: [string, Json][] = []
    const required: string[] = []
    for (const field of fields) {
      const { schema, nullable } = this.render(field.type, rendering)
      const optional = field.optional || nullable
      const described = field.description === undefined ? {} : { description: field.description }
      const mayBeNull = nullable || (field.optional && rendering.dialect !== 'script')
      properties.push([field.name, { ...(mayBeNull ? withNull(schema) : schema), ...described }])
      if (!optional) required.push(field.name)
    }
    const others = rest === undefined ? undefined : this.schema(rest, rendering)
    return {
      type: 'object',
      ...(properties.length === 0 ? {} : { properties: Object.fromEntries(properties) }),
      ...(required.length === 0 ? {} : { required: [...new Set(required)] }),
      ...(others !== undefined
        ? Object.keys(others).length === 0
          ? {}
          : { additionalProperties: others }
        : rendering.direction === 'input' && properties.length > 0
          ? { additionalProperties: false }
          : {}),
    }
  }

  #union(members: readonly TypeNode[], rendering: Rendering): Rendered {
    const rendered = members.map((member) => this.render(member, rendering))
    const nullable = rendered.some((one) => one.nullable)
    const schemas = rendered.filter((one, index) => !isNull(members[index])).map(({ schema }) => schema)
    if (schemas.length === 0) return { schema: {}, nullable }
    if (schemas.some((schema) => Object.keys(schema).length === 0)) return anything
    return { schema: oneOf(schemas), nullable }
  }

  #named({ name, line }: TypeNode & { kind: 'named' }, rendering: Rendering): Rendered {
    const declared = this.#types.get(name)
    if (declared === undefined) {
      this.#told(line, `the type "${name.slice(0, 80)}" is not declared in this file: anything is taken for it`)
      return anything
    }
    // It contains itself.
    if (this.#open.has(name)) return anything
    this.#open.add(name)
    try {
      return this.render(declared, rendering)
    } finally {
      this.#open.delete(name)
    }
  }
}

const anything: Rendered = { schema: {}, nullable: false }
const plain = (schema: JsonObject): Rendered => ({ schema, nullable: false })
const isNull = (type: TypeNode | undefined): boolean => type?.kind === 'simple' && type.type === 'null'

const listSchema = (parts: JsonObject, { direction, dialect }: Rendering): JsonObject =>
  direction === 'output' && dialect === 'lua'
    ? { type: ['array', 'object'], ...parts, maxProperties: 0 }
    : { type: 'array', ...parts }

const onlyKey = (schema: JsonObject, key: string): Json | undefined =>
  Object.keys(schema).length === 1 ? schema[key] : undefined

/** Several literals are one list, several plain types one list of names. */
const oneOf = (schemas: readonly JsonObject[]): JsonObject => {
  if (schemas.length === 1) return schemas[0] as JsonObject
  const literals = schemas.map((schema) => onlyKey(schema, 'enum'))
  if (literals.every((list) => Array.isArray(list))) return { enum: [...new Set(literals.flat())] }
  const types = schemas.map((schema) => onlyKey(schema, 'type'))
  if (types.every((type) => typeof type === 'string')) return { type: [...new Set(types)] }
  return { anyOf: [...schemas] }
}

/** The schema, or null. */
export const withNull = (schema: JsonObject): JsonObject => {
  if (Object.keys(schema).length === 0) return schema
  const { type } = schema
  const list = schema['enum']
  if (Array.isArray(list)) return list.includes(null) ? schema : { ...schema, enum: [...list, null] }
  if (typeof type === 'string') return { ...schema, type: [type, 'null'] }
  if (Array.isArray(type)) return { ...schema, type: [...type, 'null'] }
  const { anyOf } = schema
  return Array.isArray(anyOf)
    ? { ...schema, anyOf: [...anyOf, { type: 'null' }] }
    : { anyOf: [schema, { type: 'null' }] }
}
