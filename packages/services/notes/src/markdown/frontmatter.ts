// The frontmatter of a note: YAML between two `---` lines at its very start. What cannot be read strictly is told and taken
// for a note without one; it never stops the note from being read.

import { readStrictYaml } from '@bulkhead/kernel/yaml'

/** Plain data, as JSON can carry it. */
export type FrontmatterValue =
  | null
  | boolean
  | number
  | string
  | readonly FrontmatterValue[]
  | { readonly [key: string]: FrontmatterValue }

/** The fields of a note. */
export type Frontmatter = Readonly<Record<string, FrontmatterValue>>

/** What stands at the start of a note. */
export interface FoundFrontmatter {
  /** Null when there is none, or none that can be read. */
  readonly fields: Frontmatter | null
  /** Why there is none although something stands there. */
  readonly fault?: string
  /** Where the text of the note begins, UTF-16 offset. */
  readonly bodyStart: number
}

/** Longer frontmatter is not read, in characters. */
export const maxFrontmatterLength = 64 * 1024

const opening = /^\ufeff?---[ \t]*\r?\n/
const closing = /^(?:---|\.\.\.)[ \t]*(?:\r?\n|$)/gm

/** Reads it. Never throws. */
export const readFrontmatter = (text: string): FoundFrontmatter => {
  const open = opening.exec(text.slice(0, 200))
  if (open === null) return { fields: null, bodyStart: 0 }
  const start = open[0].length
  const head = text.slice(start, start + maxFrontmatterLength + 10)
  closing.lastIndex = 0
  const end = closing.exec(head)
  if (end === null) {
    // A rule at the start of a text is no frontmatter; one that is too long would be.
    return text.length <= start + maxFrontmatterLength
      ? { fields: null, bodyStart: 0 }
      : { fields: null, bodyStart: 0, fault: `the frontmatter is longer than ${maxFrontmatterLength} characters` }
  }
  const bodyStart = start + end.index + end[0].length
  const read = readStrictYaml(head.slice(0, end.index).replaceAll('\r\n', '\n'))
  if (!read.ok) return { fields: null, bodyStart, fault: `the frontmatter, line ${read.line + 1}: ${read.message}` }
  if (read.value === null) return { fields: {}, bodyStart }
  if (typeof read.value !== 'object' || Array.isArray(read.value)) {
    return { fields: null, bodyStart, fault: 'the frontmatter is not a table of fields' }
  }
  return { fields: plain(read.value) as Frontmatter, bodyStart }
}

/** What JSON cannot say becomes null; depth is bounded by the reader. */
const plain = (value: unknown): FrontmatterValue => {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null
  if (typeof value === 'string') return value.toWellFormed()
  if (typeof value === 'boolean' || value === null) return value
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object') return null
  // Through entries, so that `__proto__` is a field like any other.
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.toWellFormed(), plain(member)]))
}

/** A field that holds one text or several: a list, or one text that `separator` divides. */
export const textsOf = (fields: Frontmatter | null, names: readonly string[], separator?: RegExp): string[] =>
  names.flatMap((name) => {
    const value = fields !== null && Object.hasOwn(fields, name) ? fields[name] : undefined
    const values: readonly unknown[] = Array.isArray(value) ? value : [value]
    return values.flatMap((each) => {
      if (typeof each !== 'string' && typeof each !== 'number') return []
      const text = String(each)
      return (separator === undefined || Array.isArray(value) ? [text] : text.split(separator))
        .map((part) => part.trim())
        .filter((part) => part !== '')
    })
  })
