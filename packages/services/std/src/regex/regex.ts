// Patterns in RE2's syntax: no backreferences and no look-around, and one search takes time linear in its text. A search
// for all matches can still be quadratic, as in every engine of its kind; the thread bounds it.

import { BulkheadError } from '@bulkhead/kernel/wire'
import { RE2JS } from 're2js'
import { maxResultLength, ResultBudget, tooMuch } from '../compute/bounds.ts'
import type { PatternInput, PatternMatch, ReplaceInput } from './pattern-input.ts'

/** Largest compiled pattern, instructions: `(a{30}){30}` is about 900. */
const maxProgramSize = 2000
const flagBits: Readonly<Record<string, number>> = {
  i: RE2JS.CASE_INSENSITIVE,
  m: RE2JS.MULTILINE,
  s: RE2JS.DOTALL,
}

/** Whether the pattern is found anywhere. @throws BulkheadError `input.invalid` */
export const testPattern = (input: PatternInput): boolean => compile(input).matcher(input.text).find()

/** The matches as JSON text. @throws BulkheadError `input.invalid`, `limit.output` */
export const findAll = (input: PatternInput): string => {
  const budget = new ResultBudget()
  const toCharacters = makeCharacterCount(input.text)
  const matches: PatternMatch[] = []
  for (const found of search(input)) {
    budget.add(found.text.length)
    for (const group of found.groups) budget.add(group?.length ?? 0)
    // Named groups are written twice.
    for (const group of Object.values(found.named)) budget.add(group?.length ?? 0)
    matches.push({ ...found, from: toCharacters(found.from), to: toCharacters(found.to) })
  }
  return JSON.stringify(matches)
}

/** The text with its matches replaced. @throws BulkheadError `input.invalid`, `limit.output` */
export const replaceAll = (input: ReplaceInput): { readonly text: string; readonly count: number } => {
  const pieces = parseReplacement(input.replacement)
  const parts: string[] = []
  let length = 0
  let done = 0
  let count = 0
  const add = (part: string): void => {
    length += part.length
    if (length > maxResultLength) throw tooMuch(`is longer than ${maxResultLength} characters`)
    parts.push(part)
  }
  for (const found of search(input)) {
    add(input.text.slice(done, found.from))
    for (const piece of pieces) add(typeof piece === 'string' ? piece : groupOf(found, piece.group))
    done = found.to
    count++
  }
  add(input.text.slice(done))
  return { text: parts.join(''), count }
}

/** The text cut at the matches, as JSON text. An empty match cuts between two characters. */
export const splitText = (input: PatternInput): string => {
  const budget = new ResultBudget()
  const parts: string[] = []
  let done = 0
  const add = (part: string): void => {
    budget.add(part.length)
    parts.push(part)
  }
  for (const { from, to } of search(input)) {
    const isEmpty = from === to
    if (isEmpty && (from === 0 || from === input.text.length)) continue
    add(input.text.slice(done, from))
    done = to
  }
  add(input.text.slice(done))
  return JSON.stringify(parts)
}

const compile = ({ pattern, flags }: PatternInput): RE2JS => {
  // The library keeps the names of groups in an object.
  if (/\(\?P?<__proto__>/.test(pattern))
    throw new BulkheadError('input.invalid', 'pattern: no group is named __proto__')
  let bits = 0
  for (const flag of flags) bits |= flagBits[flag] ?? 0
  let compiled: RE2JS
  try {
    compiled = RE2JS.compile(pattern, bits)
  } catch (cause) {
    throw new BulkheadError('input.invalid', `pattern: ${(cause as Error).message}`, {
      hint: 'Patterns are written in the syntax of RE2: no backreferences, no look-around.',
      cause,
    })
  }
  const size = compiled.programSize()
  if (size <= maxProgramSize) return compiled
  throw new BulkheadError(
    'input.invalid',
    `pattern: it compiles to ${size} instructions; ${maxProgramSize} are allowed`,
  )
}

/** Matches from left to right, positions in UTF-16 code units; at most `limit`. */
const search = function* (input: PatternInput): Generator<PatternMatch> {
  const compiled = compile(input)
  const matcher = compiled.matcher(input.text)
  const names = Object.entries(compiled.namedGroups())
  for (let count = 0; count < input.limit && matcher.find(); count++) {
    const groups = Array.from({ length: compiled.groupCount() }, (_, index) => matcher.group(index + 1))
    yield {
      text: matcher.group(0) ?? '',
      from: matcher.start(0),
      to: matcher.end(0),
      groups,
      named: Object.assign(
        Object.create(null),
        Object.fromEntries(names.map(([name, group]) => [name, groups[group - 1] ?? null])),
      ) as PatternMatch['named'],
    }
  }
}

type Piece = string | { readonly group: number | string }

/** `$1`, `${1}`, `${name}` and `$$`; `$0` is the whole match. */
const parseReplacement = (replacement: string): Piece[] => {
  const pieces: Piece[] = []
  const reference = /\$(?:(\$)|(\d{1,3})|\{(\w{1,100})\})/y
  let done = 0
  for (let at = replacement.indexOf('$'); at >= 0; at = replacement.indexOf('$', done)) {
    reference.lastIndex = at
    const found = reference.exec(replacement)
    if (found === null) {
      throw new BulkheadError('input.invalid', 'replacement: a $ stands alone', {
        hint: 'Write $1 or ${name} for a group, and $$ for a dollar sign.',
      })
    }
    const [whole, dollar, index, name] = found
    pieces.push(replacement.slice(done, at))
    if (dollar !== undefined) pieces.push('$')
    else {
      const group = index ?? name ?? ''
      pieces.push({ group: /^\d+$/.test(group) ? Number(group) : group })
    }
    done = at + whole.length
  }
  return [...pieces, replacement.slice(done)]
}

const groupOf = ({ text, groups, named }: PatternMatch, group: number | string): string => {
  if (group === 0) return text
  const isKnown = typeof group === 'number' ? group <= groups.length : Object.hasOwn(named, group)
  if (!isKnown) throw new BulkheadError('input.invalid', `replacement: the pattern has no group ${group}`)
  return (typeof group === 'number' ? groups[group - 1] : named[group]) ?? ''
}

/** Turns positions in UTF-16 code units, which only grow, into positions in characters. */
const makeCharacterCount = (text: string): ((position: number) => number) => {
  if (!/[\ud800-\udbff]/.test(text)) return (position) => position
  let seen = 0
  let characters = 0
  return (position) => {
    while (seen < position) {
      const code = text.charCodeAt(seen)
      const isPair = code >= 0xd800 && code <= 0xdbff && text.charCodeAt(seen + 1) >> 10 === 0x37
      seen += isPair ? 2 : 1
      characters++
    }
    return characters
  }
}
