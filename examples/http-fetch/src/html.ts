// Reads the few things that a page says about itself out of its HTML. A scanner, not a parser: every step moves forward,
// so hostile markup costs linear time.

import { resolveUrl } from './url.ts'

/** What {@link extractPage} finds. */
export interface Page {
  readonly title: string
  readonly description: string
  readonly headings: string[]
  readonly links: { text: string; url: string }[]
}

interface Tag {
  readonly name: string
  readonly closing: boolean
  readonly attributes: Readonly<Record<string, string>>
  /** Text between the end of this tag and the next one. */
  readonly text: string
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' }

/** Replaces character references; unknown ones stay as they are. */
export const decodeEntities = (text: string): string =>
  text.replace(/&(?:#(\d{1,7})|#[xX]([\da-fA-F]{1,6})|(\w{1,8}));/g, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return named[name] ?? whole
    const point = typeof decimal === 'string' ? Number(decimal) : Number.parseInt(String(hex), 16)
    return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : '\uFFFD'
  })

const tidy = (text: string): string => decodeEntities(text).replace(/\s+/g, ' ').trim()

const attributesOf = (source: string): Record<string, string> => {
  const attributes: Record<string, string> = Object.create(null)
  for (const [, name = '', double, single, bare] of source.matchAll(
    /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?/g,
  ))
    attributes[name.toLowerCase()] ??= decodeEntities(double ?? single ?? bare ?? '')
  return attributes
}

/** Elements whose text is not markup. */
const rawText = new Set(['script', 'style', 'textarea', 'title'])

/** End of the tag that starts at `from`: the first `>` outside quotes. */
const endOfTag = (html: string, from: number): number => {
  let quote = ''
  for (let at = from; at < html.length; at += 1) {
    const character = html[at] ?? ''
    if (quote !== '') quote = character === quote ? '' : quote
    else if (character === '"' || character === "'") quote = character
    else if (character === '>') return at
  }
  return html.length
}

const tagsOf = function* (html: string): Generator<Tag> {
  const lower = html.toLowerCase()
  let at = html.indexOf('<')
  while (at !== -1 && at < html.length) {
    if (html.startsWith('<!--', at)) {
      const end = html.indexOf('-->', at + 4)
      at = end === -1 ? -1 : html.indexOf('<', end + 3)
      continue
    }
    const head = /^<(\/?)([a-zA-Z][\w-]*)/.exec(html.slice(at, at + 64))
    if (head === null) {
      at = html.indexOf('<', at + 1)
      continue
    }
    const name = (head[2] ?? '').toLowerCase()
    const end = endOfTag(html, at + head[0].length)
    const closing = head[1] === '/'
    const next = html.indexOf('<', end)
    const textEnd = !closing && rawText.has(name) ? lower.indexOf(`</${name}`, end) : next
    yield {
      name,
      closing,
      attributes: closing ? {} : attributesOf(html.slice(at + head[0].length, end)),
      text: html.slice(end + 1, textEnd === -1 ? html.length : textEnd),
    }
    at = textEnd
  }
}

/** Title, description, headings (h1 to h3) and at most `maxLinks` links of a page; links are made absolute. */
export const extractPage = (html: string, address: string, maxLinks: number): Page => {
  const page = { title: '', description: '', headings: [] as string[], links: [] as { text: string; url: string }[] }
  let base = address
  let heading: string | undefined
  let link: { text: string; url: string } | undefined
  for (const { name, closing, attributes, text } of tagsOf(html)) {
    const isHeading = /^h[1-3]$/.test(name)
    if (isHeading && closing && heading !== undefined) {
      if (tidy(heading) !== '') page.headings.push(tidy(heading))
      heading = undefined
    }
    if (name === 'a' && link !== undefined) {
      page.links.push({ text: tidy(link.text), url: link.url })
      link = undefined
    }
    if (!closing && isHeading) heading = ''
    if (!closing && name === 'title' && page.title === '') page.title = tidy(text)
    if (!closing && name === 'base' && attributes.href !== undefined)
      base = resolveUrl(attributes.href, address) ?? base
    if (!closing && name === 'meta' && attributes.name?.toLowerCase() === 'description')
      page.description = tidy(attributes.content ?? '')
    if (!closing && name === 'a' && attributes.href !== undefined && page.links.length < maxLinks) {
      const target = resolveUrl(attributes.href, base)
      if (target !== undefined) link = { text: '', url: target }
    }
    if (name === 'script' || name === 'style') continue
    if (heading !== undefined) heading += text
    if (link !== undefined) link.text += text
  }
  return page
}
