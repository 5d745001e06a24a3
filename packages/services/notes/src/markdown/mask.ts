// Blanks out what is no prose in Markdown: fenced and indented code, code spans, comments. Offsets stay as they are, so that
// what is found in the mask is found in the text. One pass, linear in the length of any text; it knows nothing of links.

import { NextIndex } from './next-index.ts'

const fenceLine = /[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)?(`{3,}|~{3,})/y
const fenceEnd = /[ \t>]*(`{3,}|~{3,})[ \t\r]*$/y
const listItem = /[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]/y
const indented = /(?: {4}| {0,3}\t)/y

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

/** A text of the same length in which a space stands for each character of code or comment; line ends stay. */
export const maskMarkdown = (text: string, from = 0): string => new Mask(text, from).make()

class Mask {
  readonly #text: string
  /** The text as it becomes, in UTF-16 code units; made when there is something to blank out. */
  #units: Uint16Array | undefined
  readonly #lineEnd: NextIndex
  readonly #comment: NextIndex
  #at: number
  /** A span or a comment ended within the line at {@link #at}. */
  #isMidLine = false
  #fence: { readonly mark: string; readonly length: number } | undefined
  #afterBlank = true
  #inList = false
  #inIndented = false
  #spans: BacktickRuns | undefined

  constructor(text: string, from: number) {
    this.#text = text
    this.#at = from
    this.#lineEnd = new NextIndex(text, '\n')
    this.#comment = new NextIndex(text, '%%')
  }

  make(): string {
    while (this.#at < this.#text.length) {
      if (!this.#isMidLine) this.#line()
      else {
        this.#isMidLine = false
        this.#prose(this.#at, this.#lineEnd.from(this.#at) ?? this.#text.length)
      }
    }
    const units = this.#units
    if (units === undefined) return this.#text
    return Buffer.from(units.buffer, units.byteOffset, units.byteLength).toString('utf16le')
  }

  #line(): void {
    const start = this.#at
    const end = this.#lineEnd.from(start) ?? this.#text.length
    const line = this.#text.slice(start, end)
    this.#at = end + 1
    if (this.#fence !== undefined) {
      this.#blank(start, end)
      const closing = matchAt(fenceEnd, line, 0)?.[1]
      if (closing?.[0] === this.#fence.mark && closing.length >= this.#fence.length) this.#fence = undefined
      return
    }
    if (line.trim() === '') {
      this.#afterBlank = true
      return
    }
    const opening = matchAt(fenceLine, line, 0)
    const mark = opening?.[1]
    // The line of a fence of backticks has no further ones: it would be a code span.
    if (opening !== null && mark !== undefined && (mark[0] === '~' || !line.includes('`', opening[0].length))) {
      this.#fence = { mark: mark[0] ?? '`', length: mark.length }
      return this.#blank(start, end)
    }
    const isIndented = matchAt(indented, line, 0) !== null
    if (matchAt(listItem, line, 0) !== null) this.#inList = true
    else if (!isIndented) this.#inList = false
    this.#inIndented = isIndented && !this.#inList && (this.#afterBlank || this.#inIndented)
    this.#afterBlank = false
    if (this.#inIndented) this.#blank(start, end)
    else this.#prose(start, end)
  }

  /** Code spans and comments of a line; either may end on a later one. */
  #prose(start: number, end: number): void {
    const text = this.#text
    for (let at = start; at < end; ) {
      const code = text.charCodeAt(at)
      if (code === 92 /* \ */) at += 2
      else if (code === 96 /* ` */) at = this.#codeSpan(at)
      else if (code === 60 /* < */ && text.startsWith('<!--', at)) at = this.#until(at, text.indexOf('-->', at + 4), 3)
      else if (code === 37 /* % */ && text.startsWith('%%', at))
        at = this.#until(at, this.#comment.from(at + 2) ?? -1, 2)
      else at++
      if (at <= end) continue
      this.#at = at
      this.#isMidLine = at < text.length && text[at - 1] !== '\n'
      return
    }
    this.#at = end + 1
  }

  #until(start: number, found: number, length: number): number {
    const end = found === -1 ? this.#text.length : found + length
    this.#blank(start, end)
    return end
  }

  #codeSpan(at: number): number {
    if (this.#spans === undefined || at >= this.#spans.end) this.#spans = new BacktickRuns(this.#text, at)
    const length = this.#spans.lengthAt(at)
    const closing = this.#spans.next(length, at + length)
    if (closing === undefined) return at + length
    this.#blank(at, closing + length)
    return closing + length
  }

  #blank(start: number, end: number): void {
    const units = (this.#units ??= unitsOf(this.#text))
    for (let at = start; at < end; at++) if (units[at] !== 10) units[at] = 32
  }
}

const unitsOf = (text: string): Uint16Array => {
  const units = new Uint16Array(text.length)
  Buffer.from(units.buffer).write(text, 'utf16le')
  return units
}

/**
 * The runs of backticks in one paragraph: a code span ends with the next run as long as its first. Asked for with rising places. A note
 * may be nothing but millions of runs: they are kept in plain arrays.
 */
class BacktickRuns {
  /** Where the paragraph ends. */
  readonly end: number
  readonly #starts: number[] = []
  readonly #lengths: number[] = []
  /** The last run that was asked for. */
  #run = 0
  /** For each length the run from which on the next one is looked for; each run is looked at once for each length that comes up. */
  readonly #byLength = new Map<number, { readonly starts: number[]; next: number }>()

  constructor(text: string, from: number) {
    const blank = /\n[ \t\r]*(?:\n|$)/g
    blank.lastIndex = from
    this.end = blank.exec(text)?.index ?? text.length
    for (let at = text.indexOf('`', from); at !== -1 && at < this.end; at = text.indexOf('`', at)) {
      let stop = at
      while (text.charCodeAt(stop) === 96) stop++
      const length = stop - at
      this.#starts.push(at)
      this.#lengths.push(length)
      const known = this.#byLength.get(length)
      if (known === undefined) this.#byLength.set(length, { starts: [at], next: 0 })
      else known.starts.push(at)
      at = stop
    }
  }

  /** Length of the run that starts there; of one that an escape cut into, what is left counts as one. */
  lengthAt(at: number): number {
    while ((this.#starts[this.#run] ?? Infinity) < at) this.#run++
    return this.#starts[this.#run] === at ? (this.#lengths[this.#run] ?? 1) : 1
  }

  /** Start of the next run of that length from there on. */
  next(length: number, from: number): number | undefined {
    const known = this.#byLength.get(length)
    if (known === undefined) return undefined
    while ((known.starts[known.next] ?? Infinity) < from) known.next++
    return known.starts[known.next]
  }
}
