// Turns a schema that somebody else wrote into checked nodes. Everything that could make validation unbounded is
// refused here: size, depth, remote references, circles of references, patterns without a linear-time matcher.

import { BulkheadError } from '../errors.ts'
import type { Json } from '../json.ts'
import { copySchema } from './copy.ts'
import { quote } from './field-path.ts'
import { arrayKeywords } from './keywords-array.ts'
import { combiningKeywords } from './keywords-combine.ts'
import { objectKeywords } from './keywords-object.ts'
import { scalarKeywords } from './keywords-scalar.ts'
import { type Keyword, type LinearPattern, type PatternCompiler, type SchemaNode, schemaCaps } from './node.ts'

/** In the order of checking: cheap and telling ones first. Keywords that are not here are annotations: ignored. */
const keywords = new Map<string, Keyword>(
  [scalarKeywords, arrayKeywords, objectKeywords, combiningKeywords].flatMap((table) => Object.entries(table)),
)

/** A schema that passed all caps. Made by {@link compileSchemaWith} only; use it with `validate`. */
export class CheckedSchema {
  /** The schema as frozen plain data. */
  readonly source: Json
  readonly #root: SchemaNode

  constructor(source: Json, root: SchemaNode) {
    this.source = source
    this.#root = root
  }

  /** The compiled root, for `validate`. */
  static rootOf(schema: CheckedSchema): SchemaNode {
    return schema.#root
  }
}

type Pointer = readonly string[]
const pointerText = (pointer: Pointer): string =>
  `#${pointer.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')}`

/**
 * Compiles a JSON Schema (draft 2020-12) with the given matcher of patterns.
 *
 * Supported: all keywords of the Validation vocabulary for numbers, strings, arrays and objects; `properties`,
 * `patternProperties`, `additionalProperties`, `propertyNames`, `items`, `prefixItems`, `contains`, `allOf`, `anyOf`,
 * `oneOf`, `not`, `if`/`then`/`else`, `dependentSchemas`, `$ref` within the document (pointer or `$anchor`), `$defs`.
 * `format` and unknown keywords are annotations and have no effect; keywords that would have one and are not
 * implemented (`$dynamicRef`, `unevaluated…`) are refused.
 *
 * @throws BulkheadError `schema.invalid`
 */
export const compileSchemaWith = (schema: unknown, patterns: PatternCompiler): CheckedSchema => {
  const source = copySchema(schema)
  const nodes = new Map<string, SchemaNode>()
  const compiledPatterns = new Map<string, LinearPattern>()
  const anchors = new Map<string, Pointer>()

  const refuseAt = (pointer: Pointer, message: string): never => {
    throw new BulkheadError(
      'schema.invalid',
      `the schema is not valid at ${quote(pointerText(pointer)).slice(1, -1)}: ${message}`,
    )
  }
  const compileAt = (value: Json, pointer: Pointer): SchemaNode => {
    const text = pointerText(pointer)
    const known = nodes.get(text)
    if (known !== undefined) return known
    const node: SchemaNode = { checks: [], inPlace: [], pointer: text }
    nodes.set(text, node)
    if (value === true) return node
    if (value === false) {
      node.checks.push((_given, place, run) => run.fail(place, 'is not allowed'))
      return node
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return refuseAt(pointer, 'a schema is a table, true or false')
    }
    const table = value as Readonly<Record<string, Json>>
    if (pointer.length > 0 && Object.hasOwn(table, '$id')) refuseAt(pointer, '$id inside a schema is not supported')
    for (const [name, keyword] of keywords) {
      const given = Object.hasOwn(table, name) ? table[name] : undefined
      if (given === undefined) continue
      const check = keyword(given, {
        schema: table,
        node,
        compile: (inner, steps, options) => {
          const compiled = compileAt(inner, [...pointer, ...steps])
          if (options?.inPlace === true) node.inPlace.push(compiled)
          return compiled
        },
        resolve: (ref) => resolve(ref, pointer),
        pattern: (pattern) => compilePattern(pattern, pointer),
        refuse: (message) => refuseAt(pointer, message),
      })
      if (check !== undefined) node.checks.push(check)
    }
    return node
  }

  const compilePattern = (text: string, pointer: Pointer): LinearPattern => {
    const known = compiledPatterns.get(text)
    if (known !== undefined) return known
    if (text.length > schemaCaps.maxPatternLength) {
      refuseAt(pointer, `a pattern is longer than ${schemaCaps.maxPatternLength} characters`)
    }
    if (compiledPatterns.size >= schemaCaps.maxPatterns)
      refuseAt(pointer, `more than ${schemaCaps.maxPatterns} patterns`)
    try {
      const pattern = patterns(text)
      compiledPatterns.set(text, pattern)
      return pattern
    } catch (thrown) {
      const why = thrown instanceof Error ? thrown.message : String(thrown)
      return refuseAt(pointer, `the pattern ${quote(text)} is refused: ${why.slice(0, 200)}`)
    }
  }

  const resolve = (ref: string, from: Pointer): SchemaNode => {
    if (!ref.startsWith('#')) return refuseAt(from, `$ref ${quote(ref)} leads outside of the schema`)
    const target = ref === '#' || ref.startsWith('#/') ? readPointer(ref) : anchors.get(ref.slice(1))
    const value = target === undefined ? undefined : valueAt(source, target)
    if (target === undefined || value === undefined) return refuseAt(from, `$ref ${quote(ref)} leads nowhere`)
    return compileAt(value, target)
  }

  collectAnchors(source, [], anchors)
  const root = compileAt(source, [])
  const circle = findCircle([...nodes.values()])
  if (circle !== undefined) {
    throw new BulkheadError(
      'schema.invalid',
      `the schema refers to itself without end: ${circle
        .slice(0, 10)
        .map((pointer) => quote(pointer).slice(1, -1))
        .join(' → ')}`,
    )
  }
  return new CheckedSchema(source, root)
}

const readPointer = (ref: string): Pointer | undefined => {
  try {
    return ref
      .split('/')
      .slice(1)
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
  } catch {
    return undefined
  }
}

const valueAt = (root: Json, pointer: Pointer): Json | undefined => {
  let value: Json | undefined = root
  for (const part of pointer) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = (value as Readonly<Record<string, Json>>)[part]
  }
  return value
}

const collectAnchors = (value: Json, pointer: Pointer, anchors: Map<string, Pointer>): void => {
  if (typeof value !== 'object' || value === null) return
  for (const [key, member] of Object.entries(value) as [string, Json][]) {
    if (key === '$anchor' && typeof member === 'string' && !anchors.has(member)) anchors.set(member, pointer)
    if (key !== 'enum' && key !== 'const') collectAnchors(member, [...pointer, key], anchors)
  }
}

/** A circle of nodes that apply each other to the same value, so that validation would never end. */
const findCircle = (nodes: readonly SchemaNode[]): string[] | undefined => {
  const done = new Set<SchemaNode>()
  for (const start of nodes) {
    const trail: { node: SchemaNode; next: number }[] = [{ node: start, next: 0 }]
    const onTrail = new Set([start])
    while (trail.length > 0) {
      const top = trail.at(-1)
      const inner = top?.node.inPlace[top.next++]
      if (top === undefined) break
      if (inner === undefined || done.has(top.node)) {
        done.add(top.node)
        onTrail.delete(top.node)
        trail.pop()
      } else if (onTrail.has(inner)) return [...trail.map((step) => step.node.pointer), inner.pointer]
      else if (!done.has(inner)) {
        onTrail.add(inner)
        trail.push({ node: inner, next: 0 })
      }
    }
  }
  return undefined
}
