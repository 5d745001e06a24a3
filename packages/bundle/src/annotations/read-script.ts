// Annotations of a JavaScript or TypeScript file: the types and the JSDoc comments of the functions that it exports. An action
// takes one input, the first parameter; the second is the context.

import { type ActionAnnotation, annotationCaps, type Annotations } from './annotation.ts'
import { Cursor } from './cursor.ts'
import { actionFacts } from './declaration.ts'
import { DeclaredTypes } from './declared-types.ts'
import { readDocBlock } from './doc-block.ts'
import { declareTypes } from './declare-types.ts'
import { type FunctionDoc, readFunctionDoc, type TaggedParameter } from './doc-tags.ts'
import { TypeWriter, withNull } from './render-type.ts'
import { type FunctionHead, scanScript } from './script-functions.ts'
import { scriptLexicon } from './script-lexicon.ts'
import { tokensOf } from './tokens.ts'
import { anyType, type FieldNode, type TypeNode } from './type-node.ts'
import type { Warnings } from './warnings.ts'

/** Without one of these words a file exports nothing, in whichever way. */
const exporting = new Set(['export', 'exports', 'module'])

/** Reads a JavaScript or TypeScript source. Actions of `definePlugin` bring schemas of their own: of such a file nothing is read. */
export const readScript = (source: string, warnings: Warnings): Annotations['actions'] => {
  const cursor = new Cursor(tokensOf(source, scriptLexicon))
  if (cursor.tokens.some(({ kind, text }) => kind === 'name' && text === 'definePlugin')) return {}
  const types = new DeclaredTypes()
  for (const token of cursor.tokens) {
    if (token.kind === 'doc' && token.text.includes('@typedef')) declareTypes(readDocBlock(token), types, warnings)
  }
  const { functions, exported } = scanScript(cursor, types, warnings)
  if (!cursor.tokens.some(({ kind, text }) => kind === 'name' && exporting.has(text))) {
    warnings.add(1, 'nothing is exported, so there is no action: write export before a function')
  }
  const writer = new TypeWriter(types, (line, message) => warnings.add(line, message))
  const actions: [string, ActionAnnotation][] = []
  for (const [name, inFile] of exported) {
    const head = functions.get(inFile)
    if (head === undefined || actions.length >= annotationCaps.actions) continue
    actions.push([name, annotateHead(head, writer, warnings)])
  }
  return Object.fromEntries(actions)
}

const annotateHead = (head: FunctionHead, writer: TypeWriter, warnings: Warnings): ActionAnnotation => {
  const doc = readFunctionDoc(head.doc === undefined ? undefined : readDocBlock(head.doc), 'braces', warnings)
  const { line } = head
  const returns = head.returns ?? doc.returns
  const output = returns === undefined ? undefined : writer.schema(returns, { direction: 'output', dialect: 'script' })
  return {
    ...actionFacts(doc),
    parameters: null,
    ...writer.bounded('input', inputOf(head, doc, writer), line),
    ...writer.bounded('output', output, line),
    line,
  }
}

const inputOf = ({ first }: FunctionHead, doc: FunctionDoc, writer: TypeWriter) => {
  if (first === undefined) return undefined
  const whole = doc.parameters.find(({ name }) =>
    first.name === undefined ? !name.includes('.') : name === first.name,
  )
  const root = first.name ?? whole?.name ?? doc.parameters[0]?.name.split('.')[0]
  const members = doc.parameters.filter(({ name }) => root !== undefined && name.startsWith(`${root}.`))
  const type = withMembers(first.type ?? whole?.type, {
    root: root ?? '',
    members,
    isTyped: first.type !== undefined,
    writer,
  })
  if (type === undefined) return undefined
  const { schema, nullable } = writer.render(type, { direction: 'input', dialect: 'script' })
  const input = nullable || first.optional || whole?.optional === true ? withNull(schema) : schema
  const description = whole?.description.slice(0, annotationCaps.shortDescription) ?? ''
  return Object.keys(input).length === 0 || description === '' ? input : { ...input, description }
}

interface Members {
  /** Name of the parameter in the tags. */
  readonly root: string
  /** `@param root.name` */
  readonly members: readonly TaggedParameter[]
  /** Whether the type stands in the code, which then rules. */
  readonly isTyped: boolean
  readonly writer: TypeWriter
}

/** The type of the input with what tags say of its members: types where the code has none, descriptions everywhere. */
const withMembers = (type: TypeNode | undefined, { root, members, isTyped, writer }: Members): TypeNode | undefined => {
  if (members.length === 0) return type
  const tagged = members.map((member): FieldNode => {
    const description = member.description.slice(0, annotationCaps.shortDescription)
    return {
      name: member.name.slice(root.length + 1),
      type: member.type ?? anyType,
      optional: member.optional,
      ...(description === '' ? {} : { description }),
    }
  })
  const known = type === undefined ? undefined : writer.recordOf(type)
  if (isTyped && known === undefined) return type
  if (known === undefined || !isTyped) {
    const fields = tagged.filter(({ name }) => !name.includes('.') && !name.includes('['))
    return { kind: 'record', fields }
  }
  const texts = new Map(tagged.map(({ name, description }) => [name, description]))
  const fields = known.fields.map((field) => {
    const description = field.description ?? texts.get(field.name)
    return { ...field, ...(description === undefined ? {} : { description }) }
  })
  return { ...known, fields }
}
