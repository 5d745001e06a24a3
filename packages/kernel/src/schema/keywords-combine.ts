// Keywords that apply schemas to the same value (JSON Schema 2020-12, Core 8.2.3.1, 10.2), and those that are refused
// because ignoring them would let values through that their author meant to stop.

import type { Json } from '../json.ts'
import { compileTable } from './keywords-object.ts'
import type { Keyword, KeywordContext, SchemaNode } from './node.ts'

const inPlace = { inPlace: true }

const compileList = (value: Json, keyword: string, context: KeywordContext): SchemaNode[] => {
  if (!Array.isArray(value) || value.length === 0) return context.refuse(`${keyword} must be a list of schemas`)
  return (value as readonly Json[]).map((schema, index) => context.compile(schema, [keyword, String(index)], inPlace))
}

const allOf: Keyword = (value, context) => {
  const nodes = compileList(value, 'allOf', context)
  return (given, place, run) => {
    let fits = true
    for (const node of nodes) if (!run.apply(node, given, place)) fits = false
    return fits
  }
}

const anyOf: Keyword = (value, context) => {
  const nodes = compileList(value, 'anyOf', context)
  return (given, place, run) =>
    nodes.some((node) => run.try(node, given, place)) ||
    // With one alternative its own issues say more.
    (nodes.length === 1 && nodes[0] !== undefined
      ? run.apply(nodes[0], given, place)
      : run.fail(place, `fits none of the ${nodes.length} alternatives`))
}

const oneOf: Keyword = (value, context) => {
  const nodes = compileList(value, 'oneOf', context)
  return (given, place, run) => {
    let count = 0
    for (const node of nodes) if (run.try(node, given, place)) count++
    if (count === 1) return true
    const message = count === 0 ? 'fits none' : `fits ${count}, not exactly one,`
    return run.fail(place, `${message} of the ${nodes.length} alternatives`)
  }
}

const not: Keyword = (value, context) => {
  const node = context.compile(value, ['not'], inPlace)
  return (given, place, run) => !run.try(node, given, place) || run.fail(place, 'is of a kind that is not allowed')
}

const ifKeyword: Keyword = (value, context) => {
  const condition = context.compile(value, ['if'], inPlace)
  const branch = (keyword: 'then' | 'else') => {
    const schema = context.schema[keyword]
    return schema === undefined ? undefined : context.compile(schema, [keyword], inPlace)
  }
  const [yes, no] = [branch('then'), branch('else')]
  return (given, place, run) => {
    const node = run.try(condition, given, place) ? yes : no
    return node === undefined || run.apply(node, given, place)
  }
}

const ref: Keyword = (value, context) => {
  if (typeof value !== 'string') return context.refuse('$ref must be a string')
  const node = context.resolve(value)
  context.node.inPlace.push(node)
  return (given, place, run) => run.apply(node, given, place)
}

const definitions =
  (keyword: string): Keyword =>
  (value, context) => {
    compileTable(value, keyword, context)
    return undefined
  }

const unsupported =
  (keyword: string, instead: string): Keyword =>
  (_value, context) =>
    context.refuse(`${keyword} is not supported; ${instead}`)

export const combiningKeywords: Readonly<Record<string, Keyword>> = {
  allOf,
  anyOf,
  oneOf,
  not,
  if: ifKeyword,
  $ref: ref,
  $defs: definitions('$defs'),
  definitions: definitions('definitions'),
  $dynamicRef: unsupported('$dynamicRef', 'write $ref'),
  $dynamicAnchor: unsupported('$dynamicAnchor', 'write $anchor'),
  $recursiveRef: unsupported('$recursiveRef', 'write $ref'),
  unevaluatedProperties: unsupported('unevaluatedProperties', 'write additionalProperties'),
  unevaluatedItems: unsupported('unevaluatedItems', 'write items beside prefixItems'),
  additionalItems: unsupported('additionalItems', 'write items beside prefixItems'),
  dependencies: unsupported('dependencies', 'write dependentRequired or dependentSchemas'),
}
