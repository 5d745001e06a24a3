// A function that a source declares, and how it becomes an annotation: what its comment says, laid over its parameters.

import { type Json, type JsonObject } from '@bulkhead/kernel/wire'
import { type ActionAnnotation, annotationCaps, type ParameterAnnotation } from './annotation.ts'
import type { FunctionDoc, TaggedParameter } from './doc-tags.ts'
import { type Dialect, type TypeWriter, withNull } from './render-type.ts'
import type { TypeNode } from './type-node.ts'
import type { Warnings } from './warnings.ts'

/** A function called by position, as its declaration reads. */
export interface Declaration {
  /** In order. A parameter that has no name of its own, such as a pattern, was given one. */
  readonly parameters: readonly string[]
  /** 1-based. */
  readonly line: number
  readonly doc: FunctionDoc
}

/** What makes the annotations of one file. */
export interface Annotator {
  readonly writer: TypeWriter
  readonly warnings: Warnings
  readonly dialect: Dialect
}

/** The one parameter of this name takes the whole input. */
export const wholeInputName = 'input'

/** What a declaration says of its action. */
export const annotate = (declaration: Declaration, annotator: Annotator): ActionAnnotation => {
  const { doc, line, parameters } = declaration
  const { writer } = annotator
  warnOfStrangers(declaration, annotator.warnings)
  const takesWhole = parameters.length === 1 && parameters[0] === wholeInputName
  const positional = takesWhole ? null : parameters.map((name) => parameterOf(name, declaration, annotator))
  const input =
    positional === null
      ? wholeInput(
          doc.parameters.find(({ name }) => name === wholeInputName),
          annotator,
        )
      : objectOf(positional)
  return {
    ...actionFacts(doc),
    parameters: positional,
    ...writer.bounded('input', input, line),
    ...writer.bounded('output', outputOf(doc.returns, annotator), line),
    line,
  }
}

/** What a comment says of the action as a whole. */
export const actionFacts = ({ description, risk, timeoutMs }: FunctionDoc): Partial<ActionAnnotation> => ({
  ...(description === '' ? {} : { description }),
  ...(risk === undefined ? {} : { risk }),
  ...(timeoutMs === undefined ? {} : { timeoutMs }),
})

const warnOfStrangers = ({ doc, parameters }: Declaration, warnings: Warnings): void => {
  const known = new Set(parameters)
  for (const { name, line } of doc.parameters) {
    if (!known.has(name)) warnings.add(line, `@param names "${name}", which the function does not take`)
  }
}

const parameterOf = (name: string, { doc }: Declaration, { writer, dialect }: Annotator): ParameterAnnotation => {
  const tagged = doc.parameters.find((parameter) => parameter.name === name)
  const description = tagged?.description.slice(0, annotationCaps.shortDescription) ?? ''
  const described = description === '' ? {} : { description }
  // Without a type a caller may leave it out: the language lets him, and nobody said otherwise.
  if (tagged?.type === undefined) return { name, ...described, optional: true }
  const { schema, nullable } = writer.render(tagged.type, { direction: 'input', dialect })
  const optional = tagged.optional || nullable
  return { name, schema: optional ? withNull(schema) : schema, ...described, optional }
}

const wholeInput = (tagged: TaggedParameter | undefined, { writer, dialect }: Annotator): JsonObject | undefined => {
  if (tagged?.type === undefined) return undefined
  const { schema, nullable } = writer.render(tagged.type, { direction: 'input', dialect })
  const whole = tagged.optional || nullable ? withNull(schema) : schema
  return tagged.description === '' || Object.keys(whole).length === 0
    ? whole
    : { ...whole, description: tagged.description.slice(0, annotationCaps.shortDescription) }
}

/** The input of an action that is called by position. When nothing in it is needed, no input will do as well. */
const objectOf = (parameters: readonly ParameterAnnotation[]): JsonObject => {
  const properties = parameters.map(({ name, schema = {}, description }): [string, Json] => [
    name,
    { ...schema, ...(description === undefined ? {} : { description }) },
  ])
  const required = parameters.filter(({ optional }) => !optional).map(({ name }) => name)
  return {
    type: required.length === 0 ? ['object', 'null'] : 'object',
    properties: Object.fromEntries(properties),
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
}

const outputOf = (returns: TypeNode | undefined, { writer, dialect }: Annotator): JsonObject | undefined =>
  returns === undefined ? undefined : writer.schema(returns, { direction: 'output', dialect })
