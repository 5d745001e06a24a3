// Reads a type: one grammar for LuaCATS, Rune's doc comments, JSDoc and what TypeScript writes most. Bounded in depth; whatever
// it does not know is a fault that the caller turns into a warning.

import { annotationCaps } from './annotation.ts'
import type { Cursor } from './cursor.ts'
import { docText } from './doc-text.ts'
import {
  anyType,
  builtInType,
  type FieldNode,
  genericType,
  orNull,
  type RecordNode,
  type TypeNode,
} from './type-node.ts'

/** Why a type could not be read. */
export class TypeFault extends Error {}

/** Reads the longest type that begins at the cursor. @throws TypeFault */
export const parseType = (cursor: Cursor, depth = 0): TypeNode => {
  if (depth > annotationCaps.typeDepth) throw new TypeFault('the type is nested too deeply')
  cursor.take('|')
  const members = [parseJoined(cursor, depth)]
  while (cursor.take('|')) members.push(parseJoined(cursor, depth))
  return members.length === 1 ? (members[0] as TypeNode) : { kind: 'union', members }
}

const parseJoined = (cursor: Cursor, depth: number): TypeNode => {
  cursor.take('&')
  const members = [parsePostfix(cursor, depth)]
  while (cursor.take('&')) members.push(parsePostfix(cursor, depth))
  return members.length === 1 ? (members[0] as TypeNode) : { kind: 'both', members }
}

const parsePostfix = (cursor: Cursor, depth: number): TypeNode => {
  // JSDoc marks before the type.
  if (cursor.take('!')) return parsePostfix(cursor, depth)
  if (cursor.is('?') && cursor.tokens[cursor.index + 1]?.kind === 'name') {
    cursor.index++
    return orNull(parsePostfix(cursor, depth))
  }
  let type = parsePrimary(cursor, depth)
  for (;;) {
    if (cursor.is('[') && cursor.is(']', 1)) {
      cursor.index += 2
      type = { kind: 'list', item: type }
    } else if (cursor.take('?')) type = orNull(type)
    else return type
  }
}

const parsePrimary = (cursor: Cursor, depth: number): TypeNode => {
  const { token } = cursor
  if (token === undefined) throw new TypeFault('a type is missing')
  if (token.kind === 'string') {
    cursor.index++
    return { kind: 'literal', value: stringValue(token.text) }
  }
  if (cursor.is('-') || token.kind === 'number') return parseNumber(cursor)
  if (cursor.take('*')) return anyType
  if (cursor.is('(')) return parseParenthesised(cursor, depth)
  if (cursor.take('[')) return { kind: 'tuple', items: parseList(cursor, ']', depth) }
  if (cursor.take('{')) return parseRecord(cursor, depth)
  if (token.kind === 'name') return parseName(cursor, depth)
  throw new TypeFault(`"${token.text.slice(0, 20)}" begins no type`)
}

const stringValue = (text: string): string => text.slice(1, -1).replace(/\\(.)/g, '$1')

const parseNumber = (cursor: Cursor): TypeNode => {
  const sign = cursor.take('-') ? -1 : 1
  const value = Number(cursor.token?.text.replaceAll('_', ''))
  if (cursor.token?.kind !== 'number' || !Number.isFinite(value)) throw new TypeFault('a number is not readable')
  cursor.index++
  return { kind: 'literal', value: sign * value }
}

/** A type in parentheses, or a function, which is anything. */
const parseParenthesised = (cursor: Cursor, depth: number): TypeNode => {
  const start = cursor.index
  cursor.skipGroup()
  if (cursor.is('=') && cursor.is('>', 1)) {
    cursor.index += 2
    parseType(cursor, depth + 1)
    return anyType
  }
  cursor.index = start + 1
  const type = parseType(cursor, depth + 1)
  if (!cursor.take(')')) throw new TypeFault('a ")" is missing')
  return type
}

const parseList = (cursor: Cursor, end: string, depth: number): TypeNode[] => {
  const items: TypeNode[] = []
  while (!cursor.take(end)) {
    if (cursor.isAtEnd) throw new TypeFault(`a "${end}" is missing`)
    items.push(parseType(cursor, depth + 1))
    if (!cursor.take(',') && !cursor.is(end)) throw new TypeFault(`a "${end}" is missing`)
  }
  return items
}

const unreadable = new Set(['keyof', 'typeof', 'infer', 'unique', 'asserts', 'abstract', 'new', 'import'])

const parseName = (cursor: Cursor, depth: number): TypeNode => {
  const line = cursor.token?.line ?? 0
  let name = cursor.takeName() ?? ''
  if (unreadable.has(name)) throw new TypeFault(`types with "${name}" are not read`)
  if (name === 'readonly' && (cursor.token?.kind === 'name' || cursor.is('['))) return parsePostfix(cursor, depth)
  if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' }
  // LuaCATS: fun(a: string): boolean
  if (name === 'fun' && cursor.is('(')) {
    cursor.skipGroup()
    if (cursor.take(':')) parseType(cursor, depth + 1)
    return anyType
  }
  // A dot before an argument list is JSDoc's: Object.<string, number>
  while (cursor.is('.') && (cursor.tokens[cursor.index + 1]?.kind === 'name' || cursor.is('<', 1))) {
    cursor.index++
    const further = cursor.takeName()
    if (further !== undefined) name += `.${further}`
  }
  if (!cursor.is('<')) return builtInType(name) ?? { kind: 'named', name, line }
  cursor.index++
  const generic = genericType(name, parseList(cursor, '>', depth))
  if (generic === undefined) throw new TypeFault(`"${name}<…>" is no type that is read`)
  return generic
}

/** The members of a record, after its opening brace. */
export const parseRecord = (cursor: Cursor, depth: number): RecordNode => {
  const fields: FieldNode[] = []
  let rest: TypeNode | undefined
  while (!cursor.take('}')) {
    if (cursor.isAtEnd) throw new TypeFault('a "}" is missing')
    let doc: string | undefined
    while (cursor.token?.kind === 'doc') {
      doc = docText(cursor.token.text)
      cursor.index++
    }
    if (cursor.is('}')) continue
    if (cursor.is('[')) rest = parseRest(cursor, depth)
    else fields.push(parseField(cursor, depth, doc))
    if (!cursor.take(',')) cursor.take(';')
  }
  return { kind: 'record', fields, ...(rest === undefined ? {} : { rest }) }
}

/** `[string]: T`, `[key: string]: T` */
const parseRest = (cursor: Cursor, depth: number): TypeNode => {
  cursor.skipGroup()
  if (!cursor.take(':')) throw new TypeFault('a ":" is missing')
  return parseType(cursor, depth + 1)
}

const parseField = (cursor: Cursor, depth: number, doc: string | undefined): FieldNode => {
  if (cursor.is('readonly') && !cursor.is(':', 1) && !cursor.is('?', 1)) cursor.index++
  const { token } = cursor
  if (token?.kind !== 'name' && token?.kind !== 'string') throw new TypeFault('a member has no readable name')
  cursor.index++
  const name = token.kind === 'string' ? stringValue(token.text) : token.text
  const optional = cursor.take('?')
  // A method.
  if (cursor.is('(')) {
    cursor.skipGroup()
    if (cursor.take(':')) parseType(cursor, depth + 1)
    return { name, type: anyType, optional: true }
  }
  const type = cursor.take(':') ? parseType(cursor, depth + 1) : anyType
  return { name, type, optional, ...(doc === undefined || doc === '' ? {} : { description: doc }) }
}
