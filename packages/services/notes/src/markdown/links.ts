// Finds the links of a note to other notes: wikilinks, embeds, relative Markdown links and their definitions. It only says what
// is written where; which note a link leads to is decided elsewhere. Linear in the length of any text.

import { NextIndex } from './next-index.ts'

/** A link as it is written. */
export interface WrittenLink {
  readonly kind: 'wiki' | 'markdown'
  readonly isEmbed: boolean
  /** What is linked to, without anchor, decoded: `folder/Note`, `other.md`. */
  readonly target: string
  /** `#Heading`, `#^block`, or empty. */
  readonly anchor: string
  /** The text that is shown instead of the target; null when there is none. */
  readonly alias: string | null
  /** Where the target stands in the text, as UTF-16 offsets; anchor and alias come after it. */
  readonly start: number
  readonly end: number
}

/** Links of one note that are looked at; what comes after them is not a link for the vault. */
export const maxLinks = 10_000
const maxWikiLength = 1000
const maxDestinationLength = 2000
const maxLabelLength = 200

/** What is found. */
export interface FoundLinks {
  readonly links: readonly WrittenLink[]
  /** There were more than {@link maxLinks}. */
  readonly isCut: boolean
}

/** Links of a text whose code and comments are blanked out in `masked`; in the order in which they stand. */
export const findLinks = (text: string, masked: string): FoundLinks => {
  const links = [...wikiLinks(text, masked), ...markdownLinks(text, masked), ...definitions(text, masked)]
  links.sort((a, b) => a.start - b.start)
  return { links: links.slice(0, maxLinks), isCut: links.length > maxLinks }
}

const isEscaped = (text: string, at: number): boolean => {
  let slashes = 0
  while (slashes < 20 && text.charCodeAt(at - 1 - slashes) === 92) slashes++
  return slashes % 2 === 1
}

const wikiLinks = function* (text: string, masked: string): Generator<WrittenLink> {
  const closing = new NextIndex(masked, ']]')
  const line = new NextIndex(masked, '\n')
  let found = 0
  for (let at = masked.indexOf('[['); at !== -1 && found <= maxLinks; at = masked.indexOf('[[', at)) {
    const close = closing.from(at + 2)
    if (close === undefined) return
    const end = Math.min(close, line.from(at + 2) ?? Infinity)
    const inner = end - at - 2 > maxWikiLength ? '' : text.slice(at + 2, end)
    if (end !== close || inner === '' || inner.includes('[')) {
      // Perhaps a link begins further in.
      at += 1
      continue
    }
    if (!isEscaped(text, at)) {
      const link = wikiLink(inner, at + 2, text[at - 1] === '!')
      if (link !== undefined) {
        found++
        yield link
      }
    }
    at = close + 2
  }
}

const wikiLink = (inner: string, start: number, isEmbed: boolean): WrittenLink | undefined => {
  // In a table the bar is escaped; the escape belongs to neither side.
  const bar = inner.indexOf('|')
  const whole = bar === -1 ? inner : inner.slice(0, inner[bar - 1] === '\\' ? bar - 1 : bar)
  const hash = whole.indexOf('#')
  const path = hash === -1 ? whole : whole.slice(0, hash)
  const target = path.trim()
  if (target === '') return undefined
  const from = start + path.indexOf(target)
  return {
    kind: 'wiki',
    isEmbed,
    target,
    anchor: hash === -1 ? '' : whole.slice(hash).trim(),
    alias: bar === -1 ? null : inner.slice(bar + 1),
    start: from,
    end: from + target.length,
  }
}

const markdownLinks = function* (text: string, masked: string): Generator<WrittenLink> {
  let found = 0
  for (let at = masked.indexOf(']('); at !== -1 && found <= maxLinks; at = masked.indexOf('](', at + 2)) {
    const destination = readDestination(text, at + 2)
    if (destination === undefined || !/^[ \t]*(?:\)|["'(])/.test(text.slice(destination.after, destination.after + 40)))
      continue
    const label = labelBefore(text, at)
    const link = markdownLink(text, destination, label)
    if (link === undefined) continue
    found++
    yield link
  }
}

const labelBefore = (text: string, at: number): { alias: string; isEmbed: boolean } => {
  const from = Math.max(0, at - maxLabelLength)
  const before = text.slice(from, at)
  const open = before.lastIndexOf('[')
  return open === -1
    ? { alias: '', isEmbed: false }
    : { alias: before.slice(open + 1), isEmbed: text[from + open - 1] === '!' }
}

const definition = /^ {0,3}\[([^\]\n]{1,200})\]:[ \t]*/gm

const definitions = function* (text: string, masked: string): Generator<WrittenLink> {
  let found = 0
  for (const match of masked.matchAll(definition)) {
    // A footnote is text of this note.
    if (match[1]?.startsWith('^') === true || ++found > maxLinks) continue
    const destination = readDestination(text, match.index + match[0].length)
    if (destination === undefined) continue
    const link = markdownLink(text, destination, { alias: match[1] ?? '', isEmbed: false })
    if (link !== undefined) yield link
  }
}

interface Destination {
  readonly start: number
  readonly end: number
  /** The place after it. */
  readonly after: number
}

/** CommonMark 0.31, section 6.3: in angle brackets, or without spaces and with balanced parentheses. */
const readDestination = (text: string, from: number): Destination | undefined => {
  let start = from
  while (start < from + 20 && (text[start] === ' ' || text[start] === '\t')) start++
  const limit = Math.min(text.length, start + maxDestinationLength)
  if (text[start] === '<') {
    for (let at = start + 1; at < limit; at++) {
      const character = text[at]
      if (character === '>') return { start: start + 1, end: at, after: at + 1 }
      if (character === '\n' || character === '<' || character === ']') return undefined
    }
    return undefined
  }
  let depth = 0
  for (let at = start; at < limit; at++) {
    const code = text.charCodeAt(at)
    if (code === 40 /* ( */) depth++
    if (code === 41 /* ) */ && --depth < 0) return { start, end: at, after: at }
    if (code <= 32) return at === start ? undefined : { start, end: at, after: at }
    // Another link begins: this one has no end. Whatever was looked at is not looked at again.
    if (code === 93 /* ] */ && text[at + 1] === '(') return undefined
  }
  return limit === text.length && limit > start ? { start, end: limit, after: limit } : undefined
}

const markdownLink = (
  text: string,
  { start, end }: Destination,
  label: { alias: string; isEmbed: boolean },
): WrittenLink | undefined => {
  const raw = text.slice(start, end)
  const hash = raw.indexOf('#')
  const path = hash === -1 ? raw : raw.slice(0, hash)
  // Addresses, and the wikilinks that end in a parenthesis.
  if (path === '' || /^(?:[A-Za-z][A-Za-z0-9+.-]*:|\/\/)/.test(path) || path.includes('?')) return undefined
  const target = decodePercent(path)
  const name = target.slice(target.lastIndexOf('/') + 1)
  if (!/\.md$/i.test(name) && name.includes('.')) return undefined
  const anchor = hash === -1 ? '' : decodePercent(raw.slice(hash))
  return { kind: 'markdown', ...label, target, anchor, start, end: start + path.length }
}

const decodePercent = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
