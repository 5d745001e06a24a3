// The types that doc comments declare: classes and aliases of LuaCATS, typedefs of JSDoc.

import { annotationCaps } from './annotation.ts'
import { Cursor } from './cursor.ts'
import type { DeclaredTypes } from './declared-types.ts'
import type { DocBlock, DocTag } from './doc-block.ts'
import { bracedParameter } from './doc-tags.ts'
import { parseType, TypeFault } from './parse-type.ts'
import { aliasLexicon, bracedText, tokensAt, typedText } from './tag-text.ts'
import { anyType, type FieldNode, type TypeNode } from './type-node.ts'
import type { Warnings } from './warnings.ts'

/** A record whose members are still being read. */
interface OpenRecord {
  readonly name: string
  readonly parents: readonly TypeNode[]
  readonly fields: FieldNode[]
  rest?: TypeNode
}

/** Adds the types that a comment declares. */
export const declareTypes = (block: DocBlock, types: DeclaredTypes, warnings: Warnings): void => {
  let open: OpenRecord | undefined
  const close = (): void => {
    if (open === undefined) return
    const { name, parents, fields, rest } = open
    const own: TypeNode = { kind: 'record', fields, ...(rest === undefined ? {} : { rest }) }
    types.add(name, parents.length === 0 ? own : { kind: 'both', members: [...parents, own] })
    open = undefined
  }
  for (const tag of block.tags) {
    switch (tag.name) {
      case 'class':
        close()
        open = openClass(tag)
        break
      case 'field':
        if (open !== undefined) addField(open, tag, warnings)
        break
      case 'alias':
        close()
        declareAlias(tag, types, warnings)
        break
      case 'typedef':
        close()
        open = openTypedef(tag, types, warnings)
        break
      case 'property':
      case 'prop': {
        const property = open === undefined ? undefined : bracedParameter(tag, warnings)
        if (property !== undefined) open?.fields.push(fieldOf(property.name, property.type ?? anyType, property))
        break
      }
    }
  }
  close()
}

const openClass = (tag: DocTag): OpenRecord | undefined => {
  const found = /^(?:\(exact\)\s*)?([A-Za-z_][\w.]{0,127})\s*(?::\s*(.{1,500}))?/.exec(tag.text)
  if (found === null) return undefined
  const parents = (found[2] ?? '')
    .split(',', 16)
    .map((name) => /^\s*([A-Za-z_][\w.]{0,127})/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .map((name): TypeNode => ({ kind: 'named', name, line: tag.line }))
  return { name: found[1] as string, parents, fields: [] }
}

const addField = (open: OpenRecord, tag: DocTag, warnings: Warnings): void => {
  const text = tag.text.replace(/^(?:public|private|protected|package)\s+(?=[\w[])/, '')
  const others = /^\[[^\]]{0,200}\]\s*:?\s*/.exec(text)
  const found = others ?? /^([A-Za-z_]\w{0,127})(\?)?\s*:?\s*/.exec(text)
  if (found === null) {
    warnings.add(tag.line, '@field names no member')
    return
  }
  const { type = anyType, rest } = typedText(text.slice(found[0].length), tag, warnings)
  if (others !== null) open.rest = type
  else open.fields.push(fieldOf(found[1] as string, type, { optional: found[2] !== undefined, description: rest }))
}

const fieldOf = (
  name: string,
  type: TypeNode,
  { optional, description }: { readonly optional: boolean; readonly description: string },
): FieldNode => ({
  name,
  type,
  optional,
  ...(description === '' ? {} : { description: description.slice(0, annotationCaps.shortDescription) }),
})

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

/** `{type} Name`: declared at once, but for an object whose members follow as properties. */
const openTypedef = (tag: DocTag, types: DeclaredTypes, warnings: Warnings): OpenRecord | undefined => {
  const { type, rest } = bracedText(tag.text, tag, warnings)
  const name = /^([A-Za-z_$][\w$.]{0,127})/.exec(rest)?.[1]
  if (name === undefined) return undefined
  if (type === undefined || (type.kind === 'simple' && type.type === 'object')) return { name, parents: [], fields: [] }
  types.add(name, type)
  return undefined
}
