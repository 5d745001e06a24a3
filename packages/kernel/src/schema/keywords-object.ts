// Keywords for objects (JSON Schema 2020-12, Core 10.3.2 and Validation 6.5). Only own fields count, whatever their
// name: `__proto__` and `constructor` are keys like any other.

import type { Json, JsonObject } from '../json.ts'
import { quote } from './field-path.ts'
import { countBound } from './keywords-scalar.ts'
import type { Keyword, KeywordContext, LinearPattern, SchemaNode } from './node.ts'
import type { ValidationRun } from './run.ts'
import { fieldsOf, hasField, isRecord } from './values.ts'

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Compiles a table of subschemas, `properties` and its like. */
export const compileTable = (
  value: Json,
  keyword: string,
  context: KeywordContext,
  options?: { readonly inPlace?: boolean },
): Map<string, SchemaNode> => {
  if (!isObject(value)) return context.refuse(`${keyword} must be a table of schemas`)
  return new Map(Object.entries(value).map(([key, schema]) => [key, context.compile(schema, [keyword, key], options)]))
}

const properties: Keyword = (value, context) => {
  const nodes = compileTable(value, 'properties', context)
  return (given, place, run) => {
    if (!isRecord(given)) return true
    let fits = true
    run.spend(nodes.size)
    for (const [key, node] of nodes) {
      if (hasField(given, key) && !run.apply(node, given[key], { parent: place, key })) fits = false
    }
    return fits
  }
}

const compilePatterns = (value: Json, context: KeywordContext): [LinearPattern, SchemaNode][] => {
  if (!isObject(value)) return context.refuse('patternProperties must be a table of schemas')
  return Object.entries(value).map(([source, schema]) => [
    context.pattern(source),
    context.compile(schema, ['patternProperties', source]),
  ])
}

const matchesKey = (pattern: LinearPattern, key: string, run: ValidationRun): boolean => {
  run.spendMatching(key.length, pattern.size)
  return pattern.test(key)
}

const patternProperties: Keyword = (value, context) => {
  const patterns = compilePatterns(value, context)
  return (given, place, run) => {
    if (!isRecord(given)) return true
    let fits = true
    for (const key of fieldsOf(given, run)) {
      for (const [pattern, node] of patterns) {
        if (!matchesKey(pattern, key, run)) continue
        if (!run.apply(node, given[key], { parent: place, key })) fits = false
      }
    }
    return fits
  }
}

const additionalProperties: Keyword = (value, context) => {
  const node = context.compile(value, ['additionalProperties'])
  const { properties: named, patternProperties: matched } = context.schema
  const names = new Set(isObject(named) ? Object.keys(named) : [])
  const patterns = isObject(matched) ? Object.keys(matched).map((source) => context.pattern(source)) : []
  return (given, place, run) => {
    if (!isRecord(given)) return true
    let fits = true
    for (const key of fieldsOf(given, run)) {
      if (names.has(key) || patterns.some((pattern) => matchesKey(pattern, key, run))) continue
      const inner = { parent: place, key }
      if (value === false) fits = run.fail(inner, 'is not expected here')
      else if (!run.apply(node, given[key], inner)) fits = false
    }
    return fits
  }
}

const propertyNames: Keyword = (value, context) => {
  const node = context.compile(value, ['propertyNames'])
  return (given, place, run) => {
    if (!isRecord(given)) return true
    let fits = true
    for (const key of fieldsOf(given, run)) {
      if (!run.try(node, key, place)) fits = run.fail({ parent: place, key }, 'has a name that is not allowed')
    }
    return fits
  }
}

const namesOf = (value: Json, context: KeywordContext): readonly string[] =>
  Array.isArray(value) && value.every((name) => typeof name === 'string')
    ? (value as readonly string[])
    : context.refuse('required names must be a list of strings')

const required: Keyword = (value, context) => {
  const names = namesOf(value, context)
  return (given, place, run) => {
    if (!isRecord(given)) return true
    run.spend(names.length)
    let fits = true
    for (const key of names) if (!hasField(given, key)) fits = run.fail({ parent: place, key }, 'is required')
    return fits
  }
}

const dependentRequired: Keyword = (value, context) => {
  if (!isObject(value)) return context.refuse('dependentRequired must be a table of lists')
  const rules = Object.entries(value).map(([key, names]) => [key, namesOf(names, context)] as const)
  return (given, place, run) => {
    if (!isRecord(given)) return true
    let fits = true
    for (const [key, names] of rules) {
      run.spend(1)
      if (!hasField(given, key)) continue
      run.spend(names.length)
      for (const name of names) {
        if (!hasField(given, name)) fits = run.fail({ parent: place, key: name }, `is required beside ${quote(key)}`)
      }
    }
    return fits
  }
}

const dependentSchemas: Keyword = (value, context) => {
  const nodes = compileTable(value, 'dependentSchemas', context, { inPlace: true })
  return (given, place, run) => {
    if (!isRecord(given)) return true
    let fits = true
    run.spend(nodes.size)
    for (const [key, node] of nodes) if (hasField(given, key) && !run.apply(node, given, place)) fits = false
    return fits
  }
}

const size =
  (fits: (count: number, bound: number) => boolean, words: string): Keyword =>
  (value, context) => {
    const bound = countBound(value, context)
    return (given, place, run) => {
      if (!isRecord(given)) return true
      const count = fieldsOf(given, run).length
      return fits(count, bound) || run.fail(place, `must have ${words} ${bound} fields`)
    }
  }

export const objectKeywords: Readonly<Record<string, Keyword>> = {
  properties,
  patternProperties,
  additionalProperties,
  propertyNames,
  required,
  dependentRequired,
  dependentSchemas,
  minProperties: size((count, bound) => count >= bound, 'at least'),
  maxProperties: size((count, bound) => count <= bound, 'at most'),
}
