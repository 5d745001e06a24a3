// Writes packages/sdk/src/generated/areas.ts: the interfaces of the areas, their options and results, for TypeScript.

import { type Field, isAnything, isBytes, type Method, type Schema } from './method-model.ts'
import { camelCase, pascalCase, wrapped } from './names.ts'
import { areaProse, methodProse } from './prose.ts'

/** Areas whose objects are written by hand over what is generated of them: options and results only. */
const bespoke: ReadonlySet<string> = new Set(['http'])

/** What stands for a value that may be anything. */
type Anything = 'WireData' | 'JsonValue' | 'T'

const member = (name: string): string => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name))

const union = (types: readonly string[]): string => [...new Set(types)].join(' | ')

const objectType = (schema: Schema, anything: Anything): string => {
  const { properties, additionalProperties, required = [] } = schema
  if (properties === undefined) {
    const value = typeof additionalProperties === 'object' ? typeOf(additionalProperties, anything) : anything
    return `Readonly<Record<string, ${value}>>`
  }
  const members = Object.entries(properties).map(
    ([name, part]) => `readonly ${member(name)}${required.includes(name) ? '' : '?'}: ${typeOf(part, anything)}`,
  )
  return members.length === 0 ? 'Readonly<Record<string, never>>' : `{ ${members.join('; ')} }`
}

const arrayType = (schema: Schema, anything: Anything): string => {
  const { prefixItems, items, minItems = 0 } = schema
  if (prefixItems === undefined) {
    const item = typeof items === 'object' ? typeOf(items, anything) : anything
    return `readonly ${/[ |]/.test(item) && !item.startsWith('{') ? `(${item})` : item}[]`
  }
  const parts = prefixItems.map((part, at) => {
    const type = typeOf(part, anything)
    return at < minItems ? type : `(${type})?`
  })
  return `readonly [${parts.join(', ')}]`
}

const typeOf = (schema: Schema, anything: Anything): string => {
  if (isBytes(schema)) return 'Uint8Array'
  if (schema.enum !== undefined) return union(schema.enum.map((value) => literal(value)))
  if (schema.const !== undefined) return literal(schema.const)
  const choices = schema.anyOf ?? schema.oneOf
  if (choices !== undefined) return union(choices.map((choice) => typeOf(choice, anything)))
  if (schema.allOf !== undefined) return schema.allOf.map((part) => typeOf(part, anything)).join(' & ')
  const types = [schema.type ?? []].flat()
  if (types.length > 1) return union(types.map((type) => typeOf({ ...schema, type }, anything)))
  switch (types[0]) {
    case 'object':
      return objectType(schema, anything)
    case 'array':
      return arrayType(schema, anything)
    case 'integer':
      return 'number'
    case undefined:
      return anything
    default:
      return types[0]
  }
}

const literal = (value: unknown): string =>
  typeof value === 'string'
    ? `'${JSON.stringify(value).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
    : JSON.stringify(value)

const docComment = (text: string, indent: string): string => {
  const lines = wrapped(text.replaceAll('*/', '*\\/'), 112 - indent.length)
  if (lines.length === 0) return ''
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`
}

/** The description of a field, with what is meant when it is absent. */
export const fieldText = ({ description = '', default: absent }: Schema): string => {
  if (absent === undefined) return description
  const isWord = typeof absent === 'string' && /^[\x21-\x7e]+$/.test(absent)
  const shown = isWord ? absent : JSON.stringify(absent)
  const told = shown.length > 40 ? [] : [`\`${shown}\` when absent.`]
  return [description, ...told].filter((part) => part !== '').join(' ')
}

const interfaceOf = (name: string, fields: readonly Field[], anything: Anything): string => {
  const members = fields.map(({ name: field, schema, isRequired }) => {
    const type = `${typeOf(schema, anything)}${anything === 'WireData' && isBytes(schema) ? ' | string' : ''}`
    return `${docComment(fieldText(schema), '  ')}  readonly ${member(field)}${isRequired ? '' : '?'}: ${type}\n`
  })
  return `export interface ${name} {\n${members.join('')}}\n`
}

const fieldsOf = ({ properties = {}, required = [] }: Schema): Field[] =>
  Object.entries(properties).map(([name, schema]) => ({ name, schema, isRequired: required.includes(name) }))

/** Declarations of one file: those with the same content once, under the name that came first. */
class Declarations {
  readonly #texts = new Map<string, string>()
  readonly #names = new Map<string, string>()

  /** The bare name of the interface with this content; the first name that is free where there is none yet. */
  declare(names: readonly string[], doc: string, make: (name: string) => string): string {
    const content = make('')
    const known = this.#names.get(content)
    if (known !== undefined) return known
    const name = names.find((one) => !this.#texts.has(bare(one)))
    if (name === undefined) throw new Error(`there is no name left for ${names.join(', ')}`)
    this.#texts.set(bare(name), docComment(doc, '') + make(name))
    this.#names.set(content, bare(name))
    return bare(name)
  }

  get texts(): readonly string[] {
    return [...this.#texts.values()]
  }
}

const bare = (name: string): string => name.replace(/<.*/, '')

const isGeneric = (result: Schema): boolean =>
  isAnything(result) ||
  Object.entries(result.properties ?? {}).some(([name, part]) => name === 'value' && isAnything(part))

const isObject = (schema: Schema): boolean => schema.type === 'object' && schema.properties !== undefined

const resultType = (method: Method, declarations: Declarations): string => {
  const { result, row } = method
  if (result === undefined) return 'void'
  const anything = isGeneric(result) ? 'T' : 'JsonValue'
  const name = pascalCase(row.area) + pascalCase(row.name)
  const declared = (suffix: string, schema: Schema): string => {
    const parameters = anything === 'T' ? '<T = JsonValue>' : ''
    const doc = `${suffix === 'Entry' ? 'One of what' : 'What'} {@link ${pascalCase(row.area)}Methods.${camelCase(row.name)}} gives.`
    const made = declarations.declare([`${name}${suffix}${parameters}`], bespoke.has(row.area) ? '' : doc, (whole) =>
      interfaceOf(whole, fieldsOf(schema), anything),
    )
    return parameters === '' ? made : `${made}<T>`
  }
  if (isObject(result)) return declared('Result', result)
  const { items } = result
  if (result.type === 'array' && typeof items === 'object' && isObject(items)) {
    return `readonly ${declared('Entry', items)}[]`
  }
  return typeOf(result, anything)
}

const parametersOf = (method: Method, declarations: Declarations): string => {
  const { row, positional, options } = method
  const area = pascalCase(row.area)
  const declared = (names: readonly string[], schema: Schema): string =>
    declarations.declare(names, schema.description ?? '', (whole) => interfaceOf(whole, fieldsOf(schema), 'WireData'))
  const typeOfParameter = (name: string, schema: Schema): string => {
    const { items } = schema
    if (isObject(schema)) {
      const own = area === pascalCase(name) ? `${area}Input` : area + pascalCase(name)
      return declared([own, area + pascalCase(row.name) + pascalCase(name)], schema)
    }
    if (typeof items === 'object' && isObject(items)) {
      return `readonly ${declared([`${area}${pascalCase(row.name)}Item`], items)}[]`
    }
    return isBytes(schema) ? 'Uint8Array | string' : typeOf(schema, 'WireData')
  }
  const given = positional.map(
    ({ name, schema, isRequired }) => `${name}${isRequired ? '' : '?'}: ${typeOfParameter(name, schema)}`,
  )
  if (options.length === 0) return given.join(', ')
  const name = declarations.declare(
    [`${area}${pascalCase(row.name)}Options`],
    bespoke.has(row.area) ? '' : `Options of {@link ${area}Methods.${camelCase(row.name)}}.`,
    (whole) => interfaceOf(whole, options, 'WireData'),
  )
  return [...given, `options${options.some(({ isRequired }) => isRequired) ? '' : '?'}: ${name}`].join(', ')
}

const methodText = (method: Method, declarations: Declarations): string => {
  const { row, fn, result, isOptional } = method
  const type = resultType(method, declarations)
  const generic = result !== undefined && isGeneric(result) ? '<T = JsonValue>' : ''
  const told = methodProse[`${row.area}.${row.name}`] ?? fn.description ?? ''
  const signature = `${camelCase(row.name)}${generic}(${parametersOf(method, declarations)})`
  return `${docComment(told, '  ')}  ${signature}: Promise<${type}${isOptional ? ' | undefined' : ''}>\n`
}

/** The file. */
export const typescriptAreas = (areas: ReadonlyMap<string, readonly Method[]>): string => {
  const declarations = new Declarations()
  const interfaces: string[] = []
  for (const [area, methods] of areas) {
    const about = areaProse[area]?.about ?? ''
    const texts = methods
      .filter(({ row }) => !bespoke.has(area) || row.positional.length === 0)
      .map((method) => methodText(method, declarations))
    if (!bespoke.has(area)) {
      interfaces.push(`${docComment(about, '')}export interface ${pascalCase(area)}Methods {\n${texts.join('')}}\n`)
    }
  }
  return [
    `// Generated by scripts/generate-guest-api.ts from the guest API table and the host functions' schemas. Do not edit.\n`,
    `import type { JsonValue, WireData } from '../json-schema.ts'\n`,
    ...declarations.texts,
    ...interfaces,
  ].join('\n')
}
