// Annotations of a Lua file, in the manner of LuaCATS: `---` comments above the functions of its top level.

import { type Annotations, annotationCaps } from './annotation.ts'
import { Cursor, docAbove } from './cursor.ts'
import { annotate, type Annotator, type Declaration } from './declaration.ts'
import { DeclaredTypes } from './declared-types.ts'
import { type DocBlock, readDocBlock } from './doc-block.ts'
import { declareTypes } from './declare-types.ts'
import { readFunctionDoc } from './doc-tags.ts'
import { luaLexicon } from './lua-lexicon.ts'
import { TypeWriter } from './render-type.ts'
import { type Token, tokensOf } from './tokens.ts'
import { Warnings } from './warnings.ts'

/** Functions by the name that they have in the file (`M.roll`), and what the file returns. */
interface LuaFile {
  readonly functions: Map<string, Declaration>
  readonly locals: Set<string>
  /** The members of a returned table, by name: what each is called in the file. */
  returned: ReadonlyMap<string, string> | 'unknown' | undefined
}

/** Reads a Lua source. */
export const readLua = (source: string, warnings: Warnings): Annotations['actions'] => {
  const tokens = tokensOf(source, luaLexicon)
  const types = new DeclaredTypes()
  const blocks = new Map<Token, DocBlock>()
  for (const token of tokens) {
    if (token.kind !== 'doc') continue
    const block = readDocBlock(token)
    blocks.set(token, block)
    declareTypes(block, types, warnings)
  }
  const file = scan(new LuaScanner(tokens, blocks, warnings))
  const writer = new TypeWriter(types, (line, message) => warnings.add(line, message))
  const annotator: Annotator = { writer, warnings, dialect: 'lua' }
  const chosen = exported(file).slice(0, annotationCaps.actions)
  const [first] = [...file.functions].filter(([name]) => file.locals.has(name))
  if (chosen.length === 0 && file.returned === undefined && first !== undefined) {
    const [name, { line }] = first
    warnings.add(
      line,
      `${name} is local, and so are all functions: none is an action. Return a table of them, or leave out local`,
    )
  }
  return Object.fromEntries(chosen.map(([name, declaration]) => [name, annotate(declaration, annotator)]))
}

/** The functions that are actions: the members of a returned table, else the global ones that are not marked as private. */
const exported = ({ functions, locals, returned }: LuaFile): [string, Declaration][] => {
  if (returned === undefined) {
    return [...functions].filter(([name]) => !name.includes('.') && !name.startsWith('_') && !locals.has(name))
  }
  if (returned !== 'unknown') {
    return [...returned].flatMap(([name, inFile]) => {
      const declaration = functions.get(inFile)
      return declaration === undefined ? [] : [[name, declaration] as [string, Declaration]]
    })
  }
  // What is returned cannot be told: whatever has the name of an action is taken for it, members of tables first.
  const byName = new Map<string, Declaration>()
  for (const dotted of [false, true]) {
    for (const [name, declaration] of functions) {
      if (name.includes('.') === dotted) byName.set(name.slice(name.lastIndexOf('.') + 1), declaration)
    }
  }
  return [...byName]
}

class LuaScanner {
  readonly cursor: Cursor
  readonly file: LuaFile = { functions: new Map(), locals: new Set(), returned: undefined }
  readonly #blocks: ReadonlyMap<Token, DocBlock>
  readonly #warnings: Warnings

  constructor(tokens: readonly Token[], blocks: ReadonlyMap<Token, DocBlock>, warnings: Warnings) {
    this.cursor = new Cursor(tokens)
    this.#blocks = blocks
    this.#warnings = warnings
  }

  /** At the `(` of a parameter list: notes the function, whose declaration began at token `start`. */
  declare(name: string, start: number): void {
    const { cursor, file } = this
    const parameters = this.#parameters()
    if (file.functions.size >= 4 * annotationCaps.actions) return
    const above = docAbove(cursor.tokens, start)
    const block = above === undefined ? undefined : this.#blocks.get(above)
    const line = cursor.tokens[start]?.line ?? 1
    file.functions.set(name, { parameters, line, doc: readFunctionDoc(block, 'plain', this.#warnings) })
  }

  #parameters(): readonly string[] {
    const { cursor } = this
    const names: string[] = []
    cursor.take('(')
    while (!cursor.isAtEnd && !cursor.take(')')) {
      const name = cursor.takeName()
      if (name === undefined) cursor.index++
      else if (names.length < annotationCaps.parameters) names.push(name)
    }
    return names
  }
}

const openers = new Set(['do', 'then', 'repeat', 'function'])
const closers = new Set(['end', 'until', 'elseif'])

/** Walks the top level of the file; bodies of functions and blocks are passed over. */
const scan = (scanner: LuaScanner): LuaFile => {
  const { cursor, file } = scanner
  while (!cursor.isAtEnd) {
    const start = cursor.index
    if (cursor.take('return')) file.returned = readReturn(scanner)
    else if (cursor.take('local')) readLocal(scanner, start)
    else if (cursor.take('function')) {
      const name = dottedName(cursor)
      if (name !== undefined && cursor.is('(')) scanner.declare(name, start)
      skipBlock(cursor)
    } else if (!readAssignment(scanner, start)) skipOne(cursor)
  }
  return file
}

/** `local function f`, `local f = function`, `local M = {`. */
const readLocal = (scanner: LuaScanner, start: number): void => {
  const { cursor, file } = scanner
  if (cursor.take('function')) {
    const name = cursor.takeName()
    if (name !== undefined && cursor.is('(')) {
      file.locals.add(name)
      scanner.declare(name, start)
    }
    skipBlock(cursor)
    return
  }
  const name = cursor.token?.kind === 'name' ? cursor.token.text : undefined
  if (name !== undefined) file.locals.add(name)
  if (!readAssignment(scanner, start)) cursor.index++
}

/** `a.b = function(…)`, `a = {`: reads it and says so; else nothing is taken. */
const readAssignment = (scanner: LuaScanner, start: number): boolean => {
  const { cursor } = scanner
  const before = cursor.index
  const name = dottedName(cursor)
  if (name !== undefined) skipAttribute(cursor)
  if (name === undefined || !cursor.take('=') || cursor.is('=')) {
    cursor.index = before
    return false
  }
  if (cursor.take('function')) {
    scanner.declare(name, start)
    skipBlock(cursor)
  } else if (cursor.take('{')) readTable(scanner, name)
  else readOtherName(scanner, name)
  return true
}

/** `M.roll = roll_dice`: another name of a function that stands above. */
const readOtherName = ({ cursor, file }: LuaScanner, name: string): void => {
  const before = cursor.index
  const { line } = cursor.token ?? {}
  const declaration = file.functions.get(dottedName(cursor) ?? '')
  const ends = cursor.isAtEnd || cursor.is(';') || cursor.token?.line !== line
  if (declaration !== undefined && ends) file.functions.set(name, declaration)
  else cursor.index = before
}

/** `local x <const>` */
const skipAttribute = (cursor: Cursor): void => {
  if (cursor.is('<') && cursor.is('>', 2)) cursor.index += 3
}

const maxSegments = 8

const dottedName = (cursor: Cursor): string | undefined => {
  let name = cursor.takeName()
  for (let segments = 1; segments < maxSegments; segments++) {
    if (name === undefined || !cursor.is('.') || cursor.tokens[cursor.index + 1]?.kind !== 'name') break
    cursor.index++
    name = `${name}.${cursor.takeName()}`
  }
  return name
}

/** The members of a table that is written out, after its brace: what each is called in the file. */
const readTable = (scanner: LuaScanner, table: string): ReadonlyMap<string, string> => {
  const { cursor } = scanner
  const members = new Map<string, string>()
  while (!cursor.isAtEnd && !cursor.take('}')) {
    const start = cursor.index
    const name = cursor.is('=', 1) ? cursor.takeName() : undefined
    if (name === undefined || !cursor.take('=')) {
      skipOne(cursor)
      continue
    }
    if (cursor.take('function')) {
      scanner.declare(`${table}.${name}`, start)
      members.set(name, `${table}.${name}`)
      skipBlock(cursor)
    } else {
      const other = dottedName(cursor)
      if (other !== undefined && (cursor.is(',') || cursor.is(';') || cursor.is('}'))) members.set(name, other)
    }
  }
  return members
}

const readReturn = (scanner: LuaScanner): LuaFile['returned'] => {
  const { cursor, file } = scanner
  if (cursor.isAtEnd || cursor.is(';')) return undefined
  if (cursor.take('{')) return readTable(scanner, 'return')
  const name = dottedName(cursor)
  if (name === undefined || !(cursor.isAtEnd || cursor.is(';'))) return 'unknown'
  const own = [...file.functions.keys()]
    .filter((key) => key.startsWith(`${name}.`))
    .map((key): [string, string] => [key.slice(name.length + 1), key])
    .filter(([member]) => !member.includes('.'))
  return own.length === 0 ? 'unknown' : new Map(own)
}

/** One token on, or past the whole block, function or bracket that begins here. */
const skipOne = (cursor: Cursor): void => {
  // Functions in brackets have blocks of their own; they balance, so only the brackets count.
  if (cursor.is('{') || cursor.is('(') || cursor.is('[')) cursor.skipGroup()
  else if (openers.has(cursor.token?.text ?? '') && cursor.token?.kind === 'name') {
    cursor.index++
    skipBlock(cursor)
  } else cursor.index++
}

/** Past the `end` of the block that one is in. */
const skipBlock = (cursor: Cursor): void => {
  for (let depth = 1; depth > 0 && !cursor.isAtEnd; cursor.index++) {
    const { token } = cursor
    if (token?.kind !== 'name') continue
    if (openers.has(token.text)) depth++
    else if (closers.has(token.text)) depth--
  }
}
