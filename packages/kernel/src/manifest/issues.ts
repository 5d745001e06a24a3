// Turns what zod found into faults: one fault for each field, in the words of a person who has the manifest open, with
// a mend. Unknown fields are told the nearest known name.

import { z } from 'zod'
import { knownFields, schemasAt, valueAt } from '../schema/zod-places.ts'
import { nearestNames } from '../text/nearest.ts'
import type { FaultAtPath, FieldPath } from './fault.ts'
import { maxFaults } from './source-tree.ts'

type Issue = z.core.$ZodIssue

/** The faults of a value that does not fit the schema. */
export const faultsOfIssues = (schema: z.ZodType, value: unknown, issues: readonly Issue[]): FaultAtPath[] =>
  issues.slice(0, maxFaults).flatMap((issue) => faultsOfIssue(schema, value, issue, []))

const faultsOfIssue = (schema: z.ZodType, value: unknown, issue: Issue, base: FieldPath): FaultAtPath[] => {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.slice(0, maxFaults).map((key) => unknownField([...path, key], knownFields(schema, path)))
    case 'invalid_union':
      return faultsOfUnion(schema, value, issue, path)
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? 'is not a valid name', mend: mendOfKey }]
    case 'invalid_value':
      return [wrongChoice(path, valueAt(value, path), issue.values.map(String))]
    case 'invalid_type': {
      const found = valueAt(value, path)
      return found === undefined
        ? [missing(schema, path)]
        : [wrongType(schema, path, found, wordOfType(issue.expected))]
    }
    case 'custom': {
      const mend: unknown = issue.params?.['mend']
      return [{ path, message: issue.message, mend: typeof mend === 'string' ? mend : 'Correct the value.' }]
    }
    case 'invalid_format':
      return [{ path, message: issue.message, mend: describe(schema, path) ?? mendOfKey }]
    case 'too_small':
      return [{ path, message: 'is too small or too short', mend: `Write at least ${issue.minimum}.` }]
    case 'too_big':
      return [{ path, message: 'is too large or too long', mend: `Write at most ${issue.maximum}.` }]
    default:
      return [{ path, message: issue.message, mend: describe(schema, path) ?? 'Correct the value.' }]
  }
}

const mendOfKey = 'Start with a letter, go on with letters, digits, - and _; at most 64 characters.'

/** Takes the branch that the author meant: the one whose outer type fits. */
const faultsOfUnion = (
  schema: z.ZodType,
  value: unknown,
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: FieldPath,
): FaultAtPath[] => {
  const meant = issue.errors.find((branch) => !branch.some((inner) => inner.path.length === 0 && isTypeIssue(inner)))
  if (meant !== undefined) return meant.flatMap((inner) => faultsOfIssue(schema, value, inner, path))
  const found = valueAt(value, path)
  if (found === undefined) return [missing(schema, path)]
  const expected = new Set(issue.errors.flat().flatMap(expectedOf))
  return [wrongType(schema, path, found, [...expected].join(' or '))]
}

const isTypeIssue = (issue: Issue): boolean =>
  issue.code === 'invalid_type' ||
  (issue.code === 'invalid_union' &&
    issue.errors.every((branch) => branch.some((inner) => inner.path.length === 0 && isTypeIssue(inner))))

const expectedOf = (issue: Issue): string[] =>
  issue.code === 'invalid_type'
    ? [wordOfType(issue.expected)]
    : issue.code === 'invalid_union'
      ? issue.errors.flat().flatMap(expectedOf)
      : []

const typeWords: Readonly<Record<string, string>> = {
  object: 'a table',
  record: 'a table',
  array: 'a list',
  string: 'text',
  boolean: 'true or false',
  number: 'a number',
  int: 'a whole number',
}
const wordOfType = (expected: string): string => typeWords[expected] ?? expected

const wordOfValue = (value: unknown): string => {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a table'
  return typeof value === 'string'
    ? 'text'
    : `${typeof value === 'number' ? 'the number' : 'the word'} ${String(value)}`
}

const wrongType = (schema: z.ZodType, path: FieldPath, found: unknown, expected: string): FaultAtPath => ({
  path,
  message: `is ${wordOfValue(found)}, not ${expected}`,
  mend:
    expected === 'text' && (typeof found === 'number' || typeof found === 'boolean')
      ? mendOfBareText(schema, path, String(found))
      : `Write ${expected}.`,
})

/** Quotes alone mend only what is right once it is text: `timeout: 30` lacks its unit as well. */
const mendOfBareText = (schema: z.ZodType, path: FieldPath, text: string): string => {
  for (const one of schemasAt(schema, path).filter((each) => each instanceof z.ZodString)) {
    const issue = one.safeParse(text).error?.issues[0]
    const mend = issue === undefined ? undefined : faultsOfIssue(one, text, issue, [])[0]?.mend
    if (mend !== undefined) return mend
  }
  return `Put it in quotes: "${text}".`
}

const missing = (schema: z.ZodType, path: FieldPath): FaultAtPath => ({
  path,
  message: 'is missing',
  mend: `Add ${String(path.at(-1) ?? 'it')}.${((text) => (text === undefined ? '' : ` ${text}`))(describe(schema, path))}`,
})

const wrongChoice = (path: FieldPath, found: unknown, choices: readonly string[]): FaultAtPath => {
  const [near] = typeof found === 'string' ? nearestNames(found, choices) : []
  const mend = choices.length === 1 ? `Write ${choices[0]}.` : `Write one of ${choices.join(', ')}.`
  if (found === undefined) return { path, message: 'is missing', mend: `Add ${String(path.at(-1))}. ${mend}` }
  const shown = typeof found === 'string' ? JSON.stringify(found.slice(0, 60)) : wordOfValue(found)
  return {
    path,
    message: `is ${shown}, which is none of the choices`,
    mend: near ? `Did you mean ${near}? ${mend}` : mend,
  }
}

const unknownField = (path: FieldPath, known: readonly string[]): FaultAtPath => {
  const near = nearestNames(String(path.at(-1)), known)
  const list = known.length > 0 ? ` Known here: ${known.join(', ')}.` : ''
  return {
    path,
    message: 'is not a field of a manifest',
    mend: near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `Remove it.${list}`,
  }
}

const describe = (schema: z.ZodType, path: FieldPath): string | undefined =>
  schemasAt(schema, path)[0]?.meta()?.description
