// What the tags of a doc comment say of the function below it.

import { parseDurationMs, type Risk, riskLevels } from '@bulkhead/kernel/wire'
import { annotationCaps } from './annotation.ts'
import type { DocBlock, DocTag } from './doc-block.ts'
import { bracedText, typedText, withoutLead } from './tag-text.ts'
import type { TypeNode } from './type-node.ts'
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

/** `{type} name`, `{type} [name=default]`; see {@link TaggedParameter} for the name. */
export const bracedParameter = (tag: DocTag, warnings: Warnings): TaggedParameter | undefined => {
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
