// What a compiled schema consists of. Compiling turns each subschema into a node with a list of checks; checks are
// closures over checked data, and no source text is ever turned into code.

import type { Json } from '../json.ts'
import type { Check } from './run.ts'

/** Caps on a schema that somebody else wrote. */
export const schemaCaps = {
  /** Serialised length, UTF-8 bytes. */
  maxBytes: 64 * 1024,
  /** Nesting of the schema document. */
  maxDepth: 64,
  /** Length of one pattern, characters. */
  maxPatternLength: 512,
  /** Patterns in one schema. */
  maxPatterns: 100,
} as const

/** A compiled subschema. */
export interface SchemaNode {
  readonly checks: Check[]
  /** Nodes that this one applies to the same value; a circle of these would never end. */
  readonly inPlace: SchemaNode[]
  /** Where it stands in the schema: `#/properties/name`. */
  readonly pointer: string
}

/** A pattern that is matched in linear time. */
export interface LinearPattern {
  test(text: string): boolean
  /** Size of the compiled pattern; what one character costs is proportional to it. */
  readonly size: number
}

/** Compiles a pattern of a schema (ECMA-262 syntax). Throws an `Error` for one that it does not take. */
export type PatternCompiler = (source: string) => LinearPattern

/** What a keyword needs while it is compiled. */
export interface KeywordContext {
  /** The schema object around the keyword. */
  readonly schema: Readonly<Record<string, Json>>
  readonly node: SchemaNode
  /** Compiles a subschema at a place below; `inPlace` when it is applied to the same value. */
  compile(schema: Json, pointer: readonly string[], options?: { readonly inPlace?: boolean }): SchemaNode
  /** Resolves `$ref`. */
  resolve(ref: string): SchemaNode
  pattern(source: string): LinearPattern
  /** Refuses the schema. @throws BulkheadError `schema.invalid` */
  refuse(message: string): never
}

/** Compiles one keyword; undefined when another keyword does its work. */
export type Keyword = (value: Json, context: KeywordContext) => Check | undefined
