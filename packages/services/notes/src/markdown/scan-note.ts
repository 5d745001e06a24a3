// Everything that the index keeps of one note, from its text alone.

import { type Frontmatter, readFrontmatter, textsOf } from './frontmatter.ts'
import { findLinks, type WrittenLink } from './links.ts'
import { maskMarkdown } from './mask.ts'
import { nameOf, withoutEnding } from './note-path.ts'

/** A heading. */
export interface Heading {
  readonly level: number
  readonly text: string
  /** Where its line starts, UTF-16 offset. */
  readonly start: number
}

/** What a note says of itself. */
export interface ScannedNote {
  readonly title: string
  readonly frontmatter: Frontmatter | null
  /** What could not be read, one sentence; undefined when all was. */
  readonly fault: string | undefined
  readonly aliases: readonly string[]
  /** Without `#`, as written, each once. */
  readonly tags: readonly string[]
  readonly links: readonly WrittenLink[]
  readonly headings: readonly Heading[]
  /** Where the text after the frontmatter begins. */
  readonly bodyStart: number
  /** How far the text was looked at; see {@link maxScanned}. */
  readonly bodyEnd: number
}

/**
 * Text of one note that is looked at, in characters: what comes after it is not found by search, and its links and tags are none. A note is
 * taken into the index at once, and who asks the vault something waits meanwhile.
 */
export const maxScanned = 1024 * 1024

/** The text as far as it is looked at: whole lines, if they are not too long. */
export const scannedPart = (text: string): string => {
  if (text.length <= maxScanned) return text
  const end = text.lastIndexOf('\n', maxScanned)
  return text.slice(0, end > maxScanned / 2 ? end + 1 : maxScanned)
}

const maxTags = 500
const maxAliases = 100
const maxHeadings = 2000
const maxNameLength = 300

/** Scans the text of the note at `path`. Never throws, and takes time in proportion to the length of the text, up to {@link maxScanned}. */
export const scanNote = (path: string, whole: string): ScannedNote => {
  const text = scannedPart(whole)
  const { fields, fault, bodyStart } = readFrontmatter(text)
  const masked = maskMarkdown(text, bodyStart)
  const headings = findHeadings(text, masked, bodyStart)
  const found = findLinks(text, masked)
  const [written] = textsOf(fields, ['title'])
  const faults = [
    fault,
    text === whole ? undefined : `longer than ${maxScanned} characters; the rest is left out`,
    found.isCut ? `more than ${found.links.length} links; the rest is left out` : undefined,
  ]
  return {
    title: cut(written ?? headings.find(({ level }) => level === 1)?.text ?? withoutEnding(nameOf(path))),
    frontmatter: fields,
    fault: faults.filter((each) => each !== undefined).join('; ') || undefined,
    aliases: unique(textsOf(fields, ['aliases', 'alias']))
      .slice(0, maxAliases)
      .map(cut),
    tags: findTags(masked, bodyStart, textsOf(fields, ['tags', 'tag'], /[\s,]+/)),
    links: found.links,
    headings,
    bodyStart,
    bodyEnd: text.length,
  }
}

const cut = (text: string): string => text.slice(0, maxNameLength).toWellFormed()
const unique = (texts: readonly string[]): string[] => [...new Set(texts)]

const headingLine = /^ {0,3}(#{1,6})(?:[ \t]+|$)/gm

const findHeadings = (text: string, masked: string, bodyStart: number): Heading[] => {
  const headings: Heading[] = []
  headingLine.lastIndex = bodyStart
  for (let match = headingLine.exec(masked); match !== null; match = headingLine.exec(masked)) {
    const end = text.indexOf('\n', headingLine.lastIndex)
    const line = text.slice(headingLine.lastIndex, Math.min(end === -1 ? text.length : end, match.index + 1000))
    headings.push({ level: match[1]?.length ?? 1, text: cut(withoutClosing(line.trim())), start: match.index })
    if (headings.length === maxHeadings) break
  }
  return headings
}

/** A heading may end in a row of `#`, set off by a space. A loop: a pattern that looks for the end goes back and forth. */
const withoutClosing = (title: string): string => {
  let end = title.length
  while (title[end - 1] === '#') end--
  return end < title.length && (end === 0 || /[ \t]/.test(title[end - 1] ?? '')) ? title.slice(0, end).trimEnd() : title
}

const inlineTag = /(?<![^\s(,;])#([\p{L}\p{N}_/-]{1,200})/gu

const findTags = (masked: string, bodyStart: number, written: readonly string[]): string[] => {
  const tags = new Map<string, string>()
  const add = (tag: string): void => {
    const name = tag.slice(0, 200).replace(/^#/, '').replace(/\/+$/, '')
    // A number alone is no tag: `#1` is an issue, or a place in a list.
    if (name === '' || /^[\p{N}/]+$/u.test(name) || tags.size >= maxTags) return
    const folded = name.normalize('NFC').toLowerCase()
    if (!tags.has(folded)) tags.set(folded, name.toWellFormed())
  }
  for (const tag of written) add(tag)
  inlineTag.lastIndex = bodyStart
  for (let match = inlineTag.exec(masked); match !== null; match = inlineTag.exec(masked)) {
    add(match[1] ?? '')
    if (tags.size >= maxTags) break
  }
  return [...tags.values()]
}
