// Annotations of a Rune file: `///` comments above the public functions of its top level, with the tags of LuaCATS in them.

import { type Annotations, annotationCaps } from './annotation.ts'
import { Cursor, docAbove } from './cursor.ts'
import { annotate, type Annotator, type Declaration } from './declaration.ts'
import { DeclaredTypes } from './declared-types.ts'
import { readDocBlock } from './doc-block.ts'
import { declareTypes } from './declare-types.ts'
import { readFunctionDoc } from './doc-tags.ts'
import { TypeWriter } from './render-type.ts'
import { runeLexicon } from './rune-lexicon.ts'
import { tokensOf } from './tokens.ts'
import { Warnings } from './warnings.ts'

/** Reads a Rune source. */
export const readRune = (source: string, warnings: Warnings): Annotations['actions'] => {
  const cursor = new Cursor(tokensOf(source, runeLexicon))
  const types = new DeclaredTypes()
  for (const token of cursor.tokens) if (token.kind === 'doc') declareTypes(readDocBlock(token), types, warnings)
  const writer = new TypeWriter(types, (line, message) => warnings.add(line, message))
  const annotator: Annotator = { writer, warnings, dialect: 'rune' }
  const declarations = scan(cursor, warnings)
  if (!cursor.tokens.some(({ kind, text }) => kind === 'name' && text === 'pub')) {
    warnings.add(1, 'nothing is public, so there is no action: write pub before fn')
  }
  return Object.fromEntries([...declarations].map(([name, declaration]) => [name, annotate(declaration, annotator)]))
}

const scan = (cursor: Cursor, warnings: Warnings): ReadonlyMap<string, Declaration> => {
  const found = new Map<string, Declaration>()
  /** Where the comment of the next item would end: attributes may stand between. */
  let start = 0
  while (!cursor.isAtEnd && found.size < annotationCaps.actions) {
    if (cursor.token?.kind === 'doc') {
      cursor.index++
      start = cursor.index
    } else if (cursor.is('#')) {
      cursor.index++
      cursor.take('!')
      cursor.skipGroup()
    } else if (takePublicFunction(cursor)) {
      const line = cursor.token?.line ?? 1
      const name = cursor.takeName()
      if (name === undefined || !cursor.is('(')) continue
      const above = docAbove(cursor.tokens, start)
      const block = above === undefined ? undefined : readDocBlock(above)
      const doc = readFunctionDoc(block, 'plain', warnings)
      found.set(name, { parameters: readParameters(cursor), line, doc })
    } else {
      if (cursor.is('{') || cursor.is('(') || cursor.is('[')) cursor.skipGroup()
      else cursor.index++
      start = cursor.index
    }
  }
  return found
}

/** `pub fn`, `pub async fn` */
const takePublicFunction = (cursor: Cursor): boolean => {
  if (!cursor.is('pub')) return false
  const isAsync = cursor.is('async', 1)
  if (!cursor.is('fn', isAsync ? 2 : 1)) return false
  cursor.index += isAsync ? 3 : 2
  return true
}

/** A parameter that is a pattern gets the name of its place. */
const readParameters = (cursor: Cursor): readonly string[] => {
  const names: string[] = []
  cursor.take('(')
  while (!cursor.isAtEnd && !cursor.take(')')) {
    const place = `argument${names.length + 1}`
    const name = cursor.token?.kind === 'name' && cursor.token.text !== '_' ? cursor.takeName() : undefined
    let isPattern = name === undefined
    while (!cursor.isAtEnd && !cursor.is(',') && !cursor.is(')')) {
      isPattern ||= cursor.is('{') || cursor.is('(') || cursor.is('[')
      if (isPattern) cursor.skipGroup()
      else cursor.index++
    }
    cursor.take(',')
    if (names.length < annotationCaps.parameters) names.push(isPattern || name === undefined ? place : name)
  }
  return names
}
