// Texts: the same results in every language. Lengths count characters as a reader does.

import { failure } from '../failure.ts'
import { charactersOf } from './characters.ts'

const blank = ' \t\n\r\v\f'
/** Most steps of a distance: the product of both lengths. */
const mostSteps = 25_000_000
const mostPadding = 1_000_000

/** Without blanks at the start. */
export const trimStart = (text: string): string => {
  let start = 0
  while (start < text.length && blank.includes(text.charAt(start))) start++
  return text.slice(start)
}

/** Without blanks at the end. */
export const trimEnd = (text: string): string => {
  let end = text.length
  while (end > 0 && blank.includes(text.charAt(end - 1))) end--
  return text.slice(0, end)
}

/** Without blanks (ASCII) at both ends. */
export const trim = (text: string): string => trimEnd(trimStart(text))

/** Parts between separators; with a limit, the last part holds the rest. An empty separator parts characters. */
export const split = (text: string, separator: string, limit = Number.POSITIVE_INFINITY): string[] => {
  const parts = separator === '' ? charactersOf(text) : text.split(separator)
  if (parts.length <= limit) return parts
  return [...parts.slice(0, limit - 1), parts.slice(limit - 1).join(separator)]
}

/** Lines, whatever ends them; a line end at the end begins no further line. */
export const lines = (text: string): string[] => {
  const all = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n').split('\n')
  return all.at(-1) === '' ? all.slice(0, -1) : all
}

/** How many characters it has. */
export const length = (text: string): number => charactersOf(text).length

const padding = (text: string, width: number, fill: string): string => {
  const missing = width - length(text)
  const filling = charactersOf(fill)
  if (missing <= 0 || filling.length === 0) return ''
  if (missing > mostPadding) throw failure('library.argument', `a text is padded by at most ${mostPadding} characters`)
  const repeated = fill.repeat(Math.floor(missing / filling.length))
  return repeated + filling.slice(0, missing % filling.length).join('')
}

/** Filled up at the start to a width. */
export const padStart = (text: string, width: number, fill = ' '): string => padding(text, width, fill) + text
/** Filled up at the end to a width. */
export const padEnd = (text: string, width: number, fill = ' '): string => text + padding(text, width, fill)

/** At most so many characters, the ending among them where some were taken away. */
export const truncate = (text: string, width: number, ending = '…'): string => {
  const characters = charactersOf(text)
  if (characters.length <= width) return text
  const end = charactersOf(ending).slice(0, width)
  return characters.slice(0, width - end.length).join('') + end.join('')
}

/** Lines of at most so many characters, broken between words; longer words stand alone. Paragraphs stay apart. */
export const wrap = (text: string, width: number): string =>
  text
    .split('\n')
    .map((paragraph) => {
      const made: string[] = []
      let line = ''
      let used = 0
      for (const word of paragraph.split(/[ \t]+/).filter((one) => one !== '')) {
        const size = length(word)
        if (line !== '' && used + 1 + size > width) {
          made.push(line)
          line = ''
          used = 0
        }
        used += size + (line === '' ? 0 : 1)
        line = line === '' ? word : `${line} ${word}`
      }
      return [...made, line].join('\n')
    })
    .join('\n')

/** How many characters must be put in, taken out or changed to make one of the other (Levenshtein). */
export const levenshtein = (one: string, other: string): number => {
  const [left, right] = [charactersOf(one), charactersOf(other)]
  if (left.length * right.length > mostSteps) {
    throw failure(
      'library.argument',
      `the texts are too long to compare: ${left.length} and ${right.length} characters`,
    )
  }
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (const [index, character] of left.entries()) {
    const next = [index + 1]
    for (let column = 1; column <= right.length; column++) {
      const change = (row[column - 1] ?? 0) + (character === right[column - 1] ? 0 : 1)
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** Fills `{{name}}` and `{{a.b}}` with values. @throws PluginError `library.argument` for a name without a value */
export const fill = (template: string, values: Readonly<Record<string, unknown>>): string => {
  const [first = '', ...rest] = template.split('{{')
  return rest.reduce((made, part) => {
    const end = part.indexOf('}}')
    if (end < 0) return `${made}{{${part}`
    const name = trim(part.slice(0, end))
    return made + valueOf(name, values) + part.slice(end + 2)
  }, first)
}

const valueOf = (name: string, values: unknown): string => {
  let value: unknown = values
  for (const part of name.split('.')) {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, part)
    value = isThere ? (value as Record<string, unknown>)[part] : undefined
  }
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number') return String(value)
  throw failure('library.argument', `the template names ${name}, which is no text, number or truth value`)
}
