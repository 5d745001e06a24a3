// The functions that a JavaScript or TypeScript file exports, and the types that it declares, as far as they are written in it.
// It walks the top level; bodies are passed over.

import { annotationCaps } from './annotation.ts'
import { type Cursor, docAbove } from './cursor.ts'
import type { DeclaredTypes } from './declared-types.ts'
import { parseRecord, parseType, TypeFault } from './parse-type.ts'
import type { Token } from './tokens.ts'
import type { TypeNode } from './type-node.ts'
import type { Warnings } from './warnings.ts'

/** A function, as its head reads. */
export interface FunctionHead {
  /** Undefined when it takes nothing. */
  readonly first:
    | {
        /** Undefined for a pattern. */
        readonly name: string | undefined
        readonly type: TypeNode | undefined
        readonly optional: boolean
      }
    | undefined
  readonly returns: TypeNode | undefined
  readonly doc: Token | undefined
  /** 1-based. */
  readonly line: number
}

/** What the walk finds. */
export interface ScriptFile {
  /** By the name in the file. */
  readonly functions: Map<string, FunctionHead>
  /** By the exported name: the name in the file. */
  readonly exported: Map<string, string>
}

const defaultName = '*default*'

/** Walks the file; declared types are added to `types`. */
export const scanScript = (cursor: Cursor, types: DeclaredTypes, warnings: Warnings): ScriptFile => {
  const file: ScriptFile = { functions: new Map(), exported: new Map() }
  while (!cursor.isAtEnd && file.functions.size < 4 * annotationCaps.actions) {
    const start = cursor.index
    const isExported = cursor.take('export')
    if (isExported && cursor.is('{')) {
      readExportList(cursor, file)
      continue
    }
    const isDefault = isExported && cursor.take('default')
    cursor.take('declare')
    const name = readFunction(cursor, { file, start, warnings, isDefault })
    if (name !== undefined) {
      if (isDefault) file.exported.set('default', name)
      else if (isExported) file.exported.set(name, name)
    } else if (!readDeclaredType(cursor, types, warnings) && cursor.index === start) {
      if (cursor.is('{') || cursor.is('(') || cursor.is('[')) cursor.skipGroup()
      else cursor.index++
    }
  }
  return file
}

/** `{ a, b as c }`, unless the names are another file's. */
const readExportList = (cursor: Cursor, { exported }: ScriptFile): void => {
  const names: [string, string][] = []
  cursor.take('{')
  while (!cursor.isAtEnd && !cursor.take('}')) {
    const name = cursor.takeName()
    if (name === undefined) cursor.index++
    else names.push([cursor.take('as') ? (cursor.takeName() ?? name) : name, name])
  }
  if (cursor.is('from')) return
  for (const [outside, inside] of names.slice(0, annotationCaps.actions)) exported.set(outside, inside)
}

interface Reading {
  readonly file: ScriptFile
  /** Index of the declaration's first token. */
  readonly start: number
  readonly warnings: Warnings
  readonly isDefault: boolean
}

/** `async function f(…)`, `const f = async (…) =>`, `const f = function (…)`: its name in the file. */
const readFunction = (cursor: Cursor, reading: Reading): string | undefined => {
  const before = cursor.index
  const isVariable =
    ['const', 'let', 'var'].some((word) => cursor.is(word)) && cursor.tokens[before + 1]?.kind === 'name'
  let name = reading.isDefault ? defaultName : undefined
  if (isVariable) {
    cursor.index++
    name = cursor.takeName()
    // A type of the variable itself is not read.
    if (!cursor.take('=')) return giveUp(cursor, before)
  }
  cursor.take('async')
  const isFunction = cursor.take('function')
  if (isFunction) {
    cursor.take('*')
    const own = cursor.takeName()
    if (!isVariable) name = own ?? name
  } else if (!isVariable && !reading.isDefault) return giveUp(cursor, before)
  if (name === undefined) return giveUp(cursor, before)
  skipTypeParameters(cursor)
  const head = readHead(cursor, reading, { isArrow: !isFunction })
  if (head === undefined) return giveUp(cursor, before)
  reading.file.functions.set(name, head)
  return name
}

const giveUp = (cursor: Cursor, index: number): undefined => {
  cursor.index = index
  return undefined
}

/** `<T extends Record<string, () => void>>` */
const skipTypeParameters = (cursor: Cursor): void => {
  if (!cursor.is('<')) return
  let depth = 0
  do {
    if (cursor.is('<')) depth++
    else if (cursor.is('>') && !cursor.is('=', -1)) depth--
    cursor.step()
  } while (depth > 0 && !cursor.isAtEnd)
}

const readHead = (
  cursor: Cursor,
  { start, warnings }: Reading,
  { isArrow }: { readonly isArrow: boolean },
): FunctionHead | undefined => {
  const line = cursor.tokens[start]?.line ?? 1
  const doc = docAbove(cursor.tokens, start)
  if (isArrow && cursor.token?.kind === 'name' && cursor.is('=', 1) && cursor.is('>', 2)) {
    const name = cursor.takeName()
    return { first: { name, type: undefined, optional: false }, returns: undefined, doc, line }
  }
  if (!cursor.is('(')) return undefined
  const open = cursor.index
  cursor.skipGroup()
  const after = cursor.index
  cursor.index = open + 1
  const first = readFirst(cursor, warnings)
  cursor.index = after
  const returns = cursor.take(':') ? readableType(cursor, warnings, ['{', '=', ';']) : undefined
  if (isArrow && !(cursor.is('=') && cursor.is('>', 1))) return undefined
  return { first, returns, doc, line }
}

const readFirst = (cursor: Cursor, warnings: Warnings): FunctionHead['first'] => {
  while (cursor.token?.kind === 'doc') cursor.index++
  if (cursor.is(')')) return undefined
  const name = cursor.takeName()
  if (name === undefined) {
    if (!cursor.is('{') && !cursor.is('[')) return { name, type: undefined, optional: false }
    cursor.skipGroup()
  }
  const optional = cursor.take('?')
  return { name, type: cursor.take(':') ? readableType(cursor, warnings, [',', ')', '=']) : undefined, optional }
}

/** A type that one of the marks must follow; undefined, with a warning, for one that is not read. */
const readableType = (cursor: Cursor, warnings: Warnings, ends: readonly string[]): TypeNode | undefined => {
  const line = cursor.token?.line ?? 1
  try {
    const type = parseType(cursor)
    if (ends.some((end) => cursor.is(end))) return type
    warnings.add(
      line,
      `a type cannot be read: "${cursor.token?.text.slice(0, 20) ?? 'the end'}" is not understood in it`,
    )
  } catch (thrown) {
    if (!(thrown instanceof TypeFault)) throw thrown
    warnings.add(line, `a type cannot be read: ${thrown.message}`)
  }
  return undefined
}

/** `interface X extends Y { … }`, `type X = …` */
const readDeclaredType = (cursor: Cursor, types: DeclaredTypes, warnings: Warnings): boolean => {
  const isInterface = cursor.is('interface')
  if (!isInterface && !cursor.is('type')) return false
  const name = cursor.tokens[cursor.index + 1]
  if (name?.kind !== 'name' || !['{', '=', 'extends'].some((next) => cursor.is(next, 2))) return false
  const { line } = name
  cursor.index += 2
  try {
    const type = isInterface ? readInterface(cursor) : readAlias(cursor)
    types.add(name.text, type)
  } catch (thrown) {
    if (!(thrown instanceof TypeFault)) throw thrown
    warnings.add(line, `the type "${name.text.slice(0, 80)}" cannot be read: ${thrown.message}`)
  }
  return true
}

const readInterface = (cursor: Cursor): TypeNode => {
  const parents: TypeNode[] = []
  if (cursor.take('extends')) {
    do parents.push(parseType(cursor))
    while (cursor.take(','))
  }
  if (!cursor.take('{')) throw new TypeFault('a "{" is missing')
  const own = parseRecord(cursor, 0)
  return parents.length === 0 ? own : { kind: 'both', members: [...parents, own] }
}

const readAlias = (cursor: Cursor): TypeNode => {
  cursor.take('=')
  const type = parseType(cursor)
  const next = cursor.token
  const last = cursor.tokens[cursor.index - 1]
  if (next !== undefined && next.text !== ';' && next.line === last?.endLine) {
    throw new TypeFault(`"${next.text.slice(0, 20)}" is not understood in it`)
  }
  return type
}
