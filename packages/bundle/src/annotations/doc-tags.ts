// What the tags of doc comments mean: the types that a file declares in them, and what one says of the function below it.

import { parseDurationMs, type Risk, riskLevels } from '@bulkhead/kernel/wire'
import { annotationCaps } from './annotation.ts'
import { Cursor } from './cursor.ts'
import type { DeclaredTypes } from './declared-types.ts'
import type { DocBlock, DocTag } from './doc-block.ts'
import { parseType, TypeFault } from './parse-type.ts'
import { endOfLine, endOfString, type Lexicon, type Token, tokensOf } from './tokens.ts'
import { anyType, type FieldNode, type TypeNode } from './type-node.ts'
import type { Warnings } from './warnings.ts'

/** A parameter as a tag describes it; of JSDoc, `name` may be a path, `input.text`. */
export interface TaggedParameter {
  readonly name: string
  /** Absent when the tag names none, or none that is readable. */
  readonly type?: TypeNode
  readonly optional: boolean
  readonly description: string
  readonly line: number
}

/** What a doc comment says of a function. */
export interface FunctionDoc {
  readonly description: string
  readonly parameters: readonly TaggedParameter[]
  readonly returns?: TypeNode
  readonly risk?: Risk
  readonly timeoutMs?: number
}

/** How types are written in tags: after the name, as in LuaCATS, or in braces before it, as in JSDoc. */
export type TagStyle = 'plain' | 'braces'

const typeLexicon: Lexicon = {
  readLong: (source, at) =>
    /["'`]/.test(source.charAt(at))
      ? { end: endOfString(source, at, { multiline: false }), kind: 'string' }
      : undefined,
}
/** The variants of an alias stand on lines of their own, each with a remark. */
const aliasLexicon: Lexicon = {
  readLong: (source, at, previous) =>
    source.charAt(at) === '#'
      ? { end: endOfLine(source, at), kind: 'skip' }
      : typeLexicon.readLong(source, at, previous),
}

/** Tokens of a tag's text, with the lines of the source. */
const tokensAt = (text: string, line: number, lexicon: Lexicon = typeLexicon): readonly Token[] =>
  tokensOf(text, lexicon).map((token) => ({ ...token, line: token.line + line - 1, endLine: token.endLine + line - 1 }))

interface TypedText {
  readonly type?: TypeNode
  readonly optional: boolean
  readonly rest: string
}

const withoutLead = (text: string): string => text.replace(/^[\s#:-]+/, '').trim()

/** Reads a type and what is written after it. */
const typedText = (text: string, { line }: DocTag, warnings: Warnings): TypedText => {
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
const bracedText = (text: string, tag: DocTag, warnings: Warnings): TypedText => {
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

const plainParameter = (tag: DocTag, warnings: Warnings): TaggedParameter | undefined => {
  const found = /^([A-Za-z_][\w.]{0,127})(\?)?\s*:?\s*/.exec(tag.text)
  if (found === null) return undefined
  const { type, optional, rest } = typedText(tag.text.slice(found[0].length), tag, warnings)
  return {
    name: found[1] as string,
    ...(type === undefined ? {} : { type }),
    optional: optional || found[2] !== undefined,
    description: rest,
    line: tag.line,
  }
}

const bracedParameter = (tag: DocTag, warnings: Warnings): TaggedParameter | undefined => {
  const { type, optional, rest } = bracedText(tag.text, tag, warnings)
  const found = /^(\[)?\s*([A-Za-z_$][\w$.]{0,127})/.exec(rest)
  if (found === null) return undefined
  // [name=default]
  const after = found[1] === undefined ? found[0].length : rest.indexOf(']', found[0].length) + 1
  return {
    name: found[2] as string,
    ...(type === undefined ? {} : { type }),
    optional: optional || found[1] !== undefined,
    description: withoutLead(rest.slice(after === 0 ? rest.length : after)),
    line: tag.line,
  }
}

/** Reads what a doc comment says of the function below it. */
export const readFunctionDoc = (block: DocBlock | undefined, style: TagStyle, warnings: Warnings): FunctionDoc => {
  const parameters: TaggedParameter[] = []
  let returns: TypeNode | undefined
  let risk: Risk | undefined
  let timeoutMs: number | undefined
  for (const tag of block?.tags ?? []) {
    switch (tag.name) {
      case 'param': {
        const read = style === 'plain' ? plainParameter(tag, warnings) : bracedParameter(tag, warnings)
        if (read === undefined) warnings.add(tag.line, '@param names no parameter')
        else if (parameters.length < annotationCaps.parameters) parameters.push(read)
        break
      }
      case 'return':
      case 'returns':
        // Only the first result leaves an action.
        returns ??= (style === 'plain' ? typedText : bracedText)(tag.text, tag, warnings).type
        break
      case 'risk':
        risk = readRisk(tag, warnings)
        break
      case 'timeout':
        timeoutMs = readTimeout(tag, warnings)
        break
    }
  }
  return {
    description: (block?.description ?? '').slice(0, annotationCaps.description),
    parameters,
    ...(returns === undefined ? {} : { returns }),
    ...(risk === undefined ? {} : { risk }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
  }
}

const readRisk = ({ text, line }: DocTag, warnings: Warnings): Risk | undefined => {
  const word = text.split(/\s/, 1)[0] ?? ''
  const risk = riskLevels.find((level) => level === word)
  if (risk === undefined) warnings.add(line, `@risk "${word.slice(0, 40)}" is none of ${riskLevels.join(', ')}`)
  return risk
}

const readTimeout = ({ text, line }: DocTag, warnings: Warnings): number | undefined => {
  const word = text.split(/\s/, 1)[0] ?? ''
  try {
    const ms = parseDurationMs(word)
    if (ms > 0) return ms
  } catch {}
  warnings.add(line, `@timeout "${word.slice(0, 40)}" is no duration, as 5s is`)
  return undefined
}

/** Adds the classes and aliases that a comment declares. */
export const declareTypes = (block: DocBlock, types: DeclaredTypes, warnings: Warnings): void => {
  let open:
    | { readonly name: string; readonly parents: readonly TypeNode[]; fields: FieldNode[]; rest?: TypeNode }
    | undefined
  const close = (): void => {
    if (open === undefined) return
    const { name, parents, fields, rest } = open
    const own: TypeNode = { kind: 'record', fields, ...(rest === undefined ? {} : { rest }) }
    types.add(name, parents.length === 0 ? own : { kind: 'both', members: [...parents, own] })
    open = undefined
  }
  for (const tag of block.tags) {
    if (tag.name === 'class') {
      close()
      const found = /^(?:\(exact\)\s*)?([A-Za-z_][\w.]{0,127})\s*(?::\s*(.{1,500}))?/.exec(tag.text)
      if (found === null) continue
      const parents = (found[2] ?? '')
        .split(',', 16)
        .map((name) => /^\s*([A-Za-z_][\w.]{0,127})/.exec(name)?.[1])
        .filter((name) => name !== undefined)
      open = {
        name: found[1] as string,
        parents: parents.map((name) => ({ kind: 'named', name, line: tag.line })),
        fields: [],
      }
    } else if (tag.name === 'field' && open !== undefined) {
      const field = readField(tag, warnings)
      if (field?.name === undefined) open.rest = field?.type ?? anyType
      else open.fields.push({ ...field, name: field.name })
    } else if (tag.name === 'alias') {
      close()
      declareAlias(tag, types, warnings)
    }
  }
  close()
}

type ReadField = Omit<FieldNode, 'name'> & { readonly name?: string }

const readField = (tag: DocTag, warnings: Warnings): ReadField | undefined => {
  const text = tag.text.replace(/^(?:public|private|protected|package)\s+(?=[\w[])/, '')
  const others = /^\[[^\]]{0,200}\]\s*:?\s*/.exec(text)
  const found = others ?? /^([A-Za-z_]\w{0,127})(\?)?\s*:?\s*/.exec(text)
  if (found === null) {
    warnings.add(tag.line, '@field names no member')
    return undefined
  }
  const { type = anyType, rest } = typedText(text.slice(found[0].length), tag, warnings)
  if (others !== null) return { type, optional: true }
  return {
    name: found[1] as string,
    type,
    optional: found[2] !== undefined,
    ...(rest === '' ? {} : { description: rest.slice(0, annotationCaps.shortDescription) }),
  }
}

const declareAlias = (tag: DocTag, types: DeclaredTypes, warnings: Warnings): void => {
  const found = /^([A-Za-z_][\w.]{0,127})\s*/.exec(tag.text)
  if (found === null) return
  const text = tag.text.slice(found[0].length)
  try {
    types.add(found[1] as string, parseType(new Cursor(tokensAt(text, tag.line, aliasLexicon))))
  } catch (thrown) {
    if (!(thrown instanceof TypeFault)) throw thrown
    warnings.add(tag.line, `a type cannot be read: ${thrown.message}`)
  }
}
