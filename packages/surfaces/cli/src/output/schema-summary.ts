// A JSON Schema on one line, for people: `{ city: string, days?: integer }`. A hostile schema costs a bounded amount.

import { escapeLine } from '@bulkhead/host/terms'

const maxDepth = 3
const maxMembers = 12
const maxLength = 160

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const objectSummary = (schema: Readonly<Record<string, unknown>>, depth: number): string => {
  const { properties } = schema
  if (!isRecord(properties)) return 'object'
  const required = Array.isArray(schema['required']) ? schema['required'] : []
  const names = Object.keys(properties)
  if (names.length === 0) return 'object'
  if (depth >= maxDepth) return '{ … }'
  const members = names.slice(0, maxMembers).map((name) => {
    const optional = !required.includes(name)
    // That what may be left out may be null as well says nothing new.
    const member = optional ? withoutNull(properties[name]) : properties[name]
    return `${name}${optional ? '?' : ''}: ${summarise(member, depth + 1)}`
  })
  return `{ ${[...members, ...(names.length > maxMembers ? ['…'] : [])].join(', ')} }`
}

const withoutNull = (schema: unknown): unknown => {
  if (!isRecord(schema)) return schema
  const { type, enum: list } = schema
  if (Array.isArray(type)) {
    const others = type.filter((name) => name !== 'null')
    return { ...schema, type: others.length === 1 ? others[0] : others }
  }
  return Array.isArray(list) && list.length > 1 ? { ...schema, enum: list.filter((value) => value !== null) } : schema
}

const choices = (values: readonly unknown[]): string =>
  values
    .slice(0, maxMembers)
    .map((value) => (isRecord(value) || Array.isArray(value) ? '…' : (JSON.stringify(value) ?? 'null').slice(0, 60)))
    .join(' | ')

const summarise = (schema: unknown, depth: number): string => {
  if (schema === false) return 'nothing'
  if (!isRecord(schema)) return 'anything'
  if (Array.isArray(schema['enum'])) return choices(schema['enum'])
  if ('const' in schema) return choices([schema['const']])
  for (const key of ['anyOf', 'oneOf'] as const) {
    const options = schema[key]
    if (!Array.isArray(options)) continue
    if (depth >= maxDepth) return '…'
    return options
      .slice(0, maxMembers)
      .map((option: unknown) => summarise(option, depth + 1))
      .join(' | ')
  }
  const { type } = schema
  if (type === 'object' || (type === undefined && isRecord(schema['properties']))) return objectSummary(schema, depth)
  if (type === 'array') return depth >= maxDepth ? '[ … ]' : `[${summarise(schema['items'], depth + 1)}]`
  if (schema['contentEncoding'] === 'base64') return 'bytes'
  if (typeof type === 'string') return type
  if (Array.isArray(type))
    return (
      type
        .filter((name) => typeof name === 'string')
        // A list from Lua, which may come as an empty object.
        .filter((name) => name !== 'object' || schema['maxProperties'] !== 0)
        .slice(0, maxMembers)
        .map((name) => (name === 'object' || name === 'array' ? summarise({ ...schema, type: name }, depth) : name))
        .join(' | ')
    )
  return 'anything'
}

/** The schema on one escaped line of at most `most` characters; an absent schema takes anything. */
export const schemaSummary = (schema: unknown, most = maxLength): string => escapeLine(summarise(schema, 0), most)
