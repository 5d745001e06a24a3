// The types in the text of a tag, and what is written after them.

import { Cursor } from './cursor.ts'
import type { DocTag } from './doc-block.ts'
import { parseType, TypeFault } from './parse-type.ts'
import { endOfLine, endOfString, type Lexicon, type Token, tokensOf } from './tokens.ts'
import type { TypeNode } from './type-node.ts'
import type { Warnings } from './warnings.ts'

const typeLexicon: Lexicon = {
  readLong: (source, at) =>
    /["'`]/.test(source.charAt(at))
      ? { end: endOfString(source, at, { multiline: false }), kind: 'string' }
      : undefined,
}
/** The variants of an alias stand on lines of their own, each with a remark. */
export const aliasLexicon: Lexicon = {
  readLong: (source, at, previous) =>
    source.charAt(at) === '#'
      ? { end: endOfLine(source, at), kind: 'skip' }
      : typeLexicon.readLong(source, at, previous),
}

/** Tokens of a tag's text, with the lines of the source. */
export const tokensAt = (text: string, line: number, lexicon: Lexicon = typeLexicon): readonly Token[] =>
  tokensOf(text, lexicon).map((token) => ({ ...token, line: token.line + line - 1, endLine: token.endLine + line - 1 }))

/** A type, if one could be read, and the rest of the text. */
export interface TypedText {
  readonly type?: TypeNode
  readonly optional: boolean
  readonly rest: string
}

/** A description without the mark that sets it off. */
export const withoutLead = (text: string): string => text.replace(/^[\s#:-]+/, '').trim()

/** Reads a type and what is written after it. */
export const typedText = (text: string, { line }: DocTag, warnings: Warnings): TypedText => {
  if (text.trim() === '') return { optional: false, rest: '' }
  const cursor = new Cursor(tokensAt(text, line))
  try {
    const type = parseType(cursor)
    const optional = cursor.take('=')
    return { type, optional, rest: withoutLead(text.slice(cursor.token?.at ?? text.length)) }
  } catch (thrown) {
    if (!(thrown instanceof TypeFault)) throw thrown
    warnings.add(line, `a type cannot be read: ${thrown.message}`)
    return { optional: false, rest: '' }
  }
}

/** `{type} rest` → the type, and the rest; without braces no type. */
export const bracedText = (text: string, tag: DocTag, warnings: Warnings): TypedText => {
  if (!text.startsWith('{')) return { optional: false, rest: text }
  const cursor = new Cursor(tokensAt(text, tag.line))
  cursor.skipGroup()
  const end = cursor.tokens[cursor.index - 1]
  if (end?.text !== '}') {
    warnings.add(tag.line, `a "}" is missing after @${tag.name}`)
    return { optional: false, rest: '' }
  }
  return { ...typedText(text.slice(1, end.at), tag, warnings), rest: text.slice(end.at + 1).trim() }
}
