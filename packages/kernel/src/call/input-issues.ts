// Says what is wrong with the input of a host function in the words that schemas of actions use, for the author of a script: which
// field, what it must be, what it is, and the nearest name that there is. The input is hostile: all of it is cut and counted.

import type { z } from 'zod'
import type { FieldPath } from '../schema/field-path.ts'
import { knownFields, valueAt } from '../schema/zod-places.ts'
import { nearestNames } from '../text/nearest.ts'

type Issue = z.core.$ZodIssue

/** One thing that is wrong. `near` holds names that may have been meant. */
export interface InputIssue {
  /** Keys from the root, with dots between; the root is the empty text. */
  readonly path: string
  readonly message: string
  readonly near: readonly string[]
}

const maxIssues = 10

/** What is wrong with the value, at most ten things. */
export const issuesOfInput = (schema: z.ZodType, value: unknown, issues: readonly Issue[]): InputIssue[] =>
  issues
    .slice(0, maxIssues)
    .flatMap((issue) => issuesOf(schema, value, issue, []))
    .slice(0, maxIssues)

const issuesOf = (schema: z.ZodType, value: unknown, issue: Issue, base: FieldPath): InputIssue[] => {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'number' ? part : String(part)))]
  const found = valueAt(value, path)
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = knownFields(schema, path)
      return issue.keys
        .slice(0, maxIssues)
        .map((key) => make([...path, key], 'is not expected here', nearestNames(key, known)))
    }
    case 'invalid_type':
      return [make(path, mustBe([wordOf(issue.expected)], found))]
    case 'invalid_value': {
      if (found === undefined) return [make(path, 'is required')]
      const choices = issue.values.map(String)
      const near = typeof found === 'string' ? nearestNames(found, choices) : []
      return [make(path, `must be ${choices.length === 1 ? '' : 'one of '}${choices.join(', ')}`, near)]
    }
    case 'invalid_union': {
      const branches = issue.errors
      const meant = branches.find((branch) => !branch.some(isOfType))
      if (meant !== undefined) return meant.slice(0, maxIssues).flatMap((inner) => issuesOf(schema, value, inner, path))
      const expected = [...new Set(branches.flat().flatMap(expectedOf))]
      return [make(path, expected.length === 0 ? issue.message : mustBe(expected, found))]
    }
    case 'too_small':
      return [make(path, bound(issue.origin, issue.inclusive === false ? 'more than' : 'at least', issue.minimum))]
    case 'too_big':
      return [make(path, bound(issue.origin, issue.inclusive === false ? 'less than' : 'at most', issue.maximum))]
    default:
      return [make(path, issue.message)]
  }
}

const make = (path: FieldPath, message: string, near: readonly string[] = []): InputIssue => ({
  path: path.map((part) => String(part).slice(0, 100)).join('.'),
  message: message.slice(0, 300),
  near,
})

/** Whether the issue is that the whole value is of another type. */
const isOfType = (issue: Issue): boolean =>
  issue.path.length === 0 &&
  (issue.code === 'invalid_type' ||
    (issue.code === 'invalid_union' && issue.errors.every((branch) => branch.some(isOfType))))

const expectedOf = (issue: Issue): string[] =>
  issue.code === 'invalid_type'
    ? [wordOf(issue.expected)]
    : issue.code === 'invalid_union'
      ? issue.errors.flat().flatMap(expectedOf)
      : []

const words: Readonly<Record<string, string>> = {
  int: 'an integer',
  array: 'a list',
  object: 'an object',
  record: 'an object',
  null: 'null',
  Uint8Array: 'bytes',
}
const wordOf = (type: string): string => words[type] ?? `a ${type}`

const mustBe = (expected: readonly string[], found: unknown): string => {
  if (found === undefined) return 'is required'
  const is =
    found === null
      ? 'null'
      : Array.isArray(found)
        ? 'a list'
        : found instanceof Uint8Array
          ? 'bytes'
          : wordOf(typeof found)
  const but = expected.includes(is) || (is === 'a number' && expected.includes('an integer')) ? '' : `, not ${is}`
  return `must be ${expected.join(' or ')}${but}`
}

const bound = (origin: string, relation: string, count: number | bigint): string =>
  origin === 'string'
    ? `must have ${relation} ${count} characters`
    : origin === 'array' || origin === 'set'
      ? `must have ${relation} ${count} items`
      : `must be ${relation} ${count}`
