// Writes sdks/lua/library/bulkhead.lua: the `host` object for the Lua language server, in its annotations (LuaCATS).

import { guestSide, type LuaMember } from './guest-side.ts'
import { type Field, isBytes, type Method, type Schema } from './method-model.ts'
import { wrapped } from './names.ts'
import { areaProse, methodProse } from './prose.ts'
import { fieldText } from './typescript-areas.ts'

const literal = (value: unknown): string => (typeof value === 'string' ? JSON.stringify(value) : String(value))

const isObject = (schema: Schema): boolean => schema.type === 'object' && schema.properties !== undefined

const union = (types: readonly string[]): string => [...new Set(types)].join('|')

const luaType = (schema: Schema): string => {
  if (isBytes(schema)) return 'string'
  if (schema.enum !== undefined) return union(schema.enum.map(literal))
  if (schema.const !== undefined) return literal(schema.const)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return union(choices.map(luaType))
  const types = [schema.type ?? []].flat()
  if (types.length > 1) return union(types.map((type) => luaType({ ...schema, type })))
  switch (types[0]) {
    case 'object':
      return tableType(schema)
    case 'array':
      return arrayType(schema)
    case 'null':
      return 'nil'
    case undefined:
      return 'any'
    default:
      return types[0]
  }
}

const tableType = ({ properties, required = [], additionalProperties }: Schema): string => {
  if (properties === undefined) {
    return `table<string, ${typeof additionalProperties === 'object' ? luaType(additionalProperties) : 'any'}>`
  }
  const members = Object.entries(properties).map(
    ([name, part]) => `${name}${required.includes(name) ? '' : '?'}: ${luaType(part)}`,
  )
  return `{ ${members.join(', ')} }`
}

const arrayType = ({ items, prefixItems, minItems = 0 }: Schema): string => {
  if (prefixItems !== undefined) {
    return `{ ${prefixItems.map((part, at) => `[${at + 1}]${at < minItems ? '' : '?'}: ${luaType(part)}`).join(', ')} }`
  }
  const item = typeof items === 'object' ? luaType(items) : 'any'
  return /[|{]/.test(item) ? `(${item})[]` : `${item}[]`
}

const comment = (text: string): string[] => wrapped(text, 116).map((line) => `---${line}`)

/** Classes by what is in them: methods that take or give the same share one. */
class Classes {
  readonly #names = new Map<string, string>()
  #fresh: string[] = []

  /** The name of the class with these fields; `name` where it is the first. */
  declare(name: string, fields: readonly Field[]): string {
    const lines = fields.map(({ name: field, schema, isRequired }) =>
      `---@field ${field}${isRequired ? '' : '?'} ${luaType(schema)} ${fieldText(schema)}`.trimEnd(),
    )
    const content = lines.join('\n')
    const there = this.#names.get(content)
    if (there !== undefined) return there
    this.#names.set(content, name)
    this.#fresh.push(`---@class ${name}`, ...lines, '')
    return name
  }

  /** The lines of those that were declared since this was last asked. */
  take(): string[] {
    const fresh = this.#fresh
    this.#fresh = []
    return fresh
  }
}

const fieldsOf = ({ properties = {}, required = [] }: Schema): Field[] =>
  Object.entries(properties).map(([name, schema]) => ({ name, schema, isRequired: required.includes(name) }))

/** The type of what a method gives, with a class declared for it where it is a table with names. */
const resultType = (result: Schema, name: string, classes: Classes): string => {
  if (isObject(result)) return classes.declare(`${name}.result`, fieldsOf(result))
  const { items } = result
  if (result.type === 'array' && typeof items === 'object' && isObject(items)) {
    return `${classes.declare(`${name}.entry`, fieldsOf(items))}[]`
  }
  return luaType(result)
}

const parameterType = (
  schema: Schema,
  { name, field }: { readonly name: string; readonly field: string },
  classes: Classes,
): string => {
  const { items } = schema
  if (isObject(schema)) return classes.declare(field, fieldsOf(schema))
  if (typeof items === 'object' && isObject(items)) return `${classes.declare(`${name}.item`, fieldsOf(items))}[]`
  return luaType(schema)
}

const methodLines = ({ row, fn, positional, options, result, isOptional }: Method, classes: Classes): string[] => {
  const name = `bulkhead.${row.area}.${row.name}`
  const lines = comment(methodProse[`${row.area}.${row.name}`] ?? fn.description ?? '')
  for (const { name: field, schema, isRequired } of positional) {
    const type = parameterType(schema, { name, field: `bulkhead.${row.area}.${field}` }, classes)
    lines.push(`---@param ${field}${isRequired ? '' : '?'} ${type} ${fieldText(schema)}`.trimEnd())
  }
  const mustGive = options.some(({ isRequired }) => isRequired)
  if (options.length > 0) {
    lines.push(`---@param options${mustGive ? '' : '?'} ${classes.declare(`${name}.options`, options)}`)
  }
  if (result !== undefined) {
    const type = resultType(result, name, classes)
    lines.push(`---@return ${isOptional ? (type.includes('|') ? `(${type})?` : `${type}?`) : type}`)
  }
  const parameters = [...positional.map(({ name: field }) => field), ...(options.length > 0 ? ['options'] : [])]
  return [...classes.take(), ...lines, `function host.${row.area}.${row.name}(${parameters.join(', ')}) end`, '']
}

const guestSideLines = (about: string, { call, annotations }: LuaMember): string[] => [
  ...comment(about),
  ...annotations,
  call.includes('(') ? `function host.${call} end` : `host.${call} = {}`,
  '',
]

/** The file. */
export const luaStub = (areas: ReadonlyMap<string, readonly Method[]>): string => {
  const lines = [
    '---@meta bulkhead',
    '',
    '-- Written by scripts/generate-guest-api.ts from the guest API table. For the Lua language server; it is never run.',
    '',
    '---The host functions, each behind the gate. A call waits for its answer; a failure is raised as a bulkhead.error.',
    '---@class bulkhead.host',
    'host = {}',
    '',
    '---What a failed host call raises.',
    '---@class bulkhead.error',
    '---@field code string A code of Bulkhead’s table, for example capability.denied.',
    '---@field message string',
    '---@field hint? string What to do about it.',
    '---@field details? table<string, any>',
    '',
    '---A call that was begun, or a wait.',
    '---@class bulkhead.ticket',
    '',
  ]
  const classes = new Classes()
  for (const [area, methods] of areas) {
    lines.push(...comment(areaProse[area]?.about ?? ''), `---@class bulkhead.${area}`, `host.${area} = {}`, '')
    for (const method of methods) lines.push(...methodLines(method, classes))
  }
  lines.push('---@class bulkhead.log', 'host.log = {}', '')
  for (const { about, lua = [] } of Object.values(guestSide)) {
    for (const member of lua) lines.push(...guestSideLines(about, member))
  }
  return `${lines.join('\n').trimEnd()}\n`
}

/** Modules that give an area of the host object: `require 'bulkhead.graph'` is `host.graph`. */
export const luaAreaModules: readonly string[] = ['graph', 'yaml', 'csv', 'regex', 'time']

/** The file of such a module. */
export const luaAreaStub = (area: string): string =>
  [
    `---@meta bulkhead.${area}`,
    '',
    '-- Written by scripts/generate-guest-api.ts. For the Lua language server; it is never run.',
    '',
    `return host.${area}`,
    '',
  ].join('\n')
