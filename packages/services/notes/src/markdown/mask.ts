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
  readonly #parts: string[] = []
  readonly #lineEnd: NextIndex
  readonly #comment: NextIndex
  #done = 0
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
    this.#parts.push(this.#text.slice(this.#done))
    return this.#parts.join('')
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
    if (start < this.#done) return
    this.#parts.push(this.#text.slice(this.#done, start), this.#text.slice(start, end).replace(/[^\n]/g, ' '))
    this.#done = end
  }
}

/** The runs of backticks in one paragraph by their length: a code span ends with the next run as long as its first. */
class BacktickRuns {
  /** Where the paragraph ends. */
  readonly end: number
  readonly #lengths = new Map<number, number>()
  readonly #byLength = new Map<number, { readonly starts: number[]; next: number }>()

  constructor(text: string, from: number) {
    const blank = /\n[ \t\r]*(?:\n|$)/g
    blank.lastIndex = from
    this.end = blank.exec(text)?.index ?? text.length
    for (let at = text.indexOf('`', from); at !== -1 && at < this.end; at = text.indexOf('`', at)) {
      let stop = at
      while (text.charCodeAt(stop) === 96) stop++
      const length = stop - at
      this.#lengths.set(at, length)
      const known = this.#byLength.get(length)
      if (known === undefined) this.#byLength.set(length, { starts: [at], next: 0 })
      else known.starts.push(at)
      at = stop
    }
  }

  /** Length of the run that starts there; of one that an escape cut into, what is left counts as one. */
  lengthAt(at: number): number {
    return this.#lengths.get(at) ?? 1
  }

  /** Start of the next run of that length from there on. Asked for with rising places. */
  next(length: number, from: number): number | undefined {
    const known = this.#byLength.get(length)
    if (known === undefined) return undefined
    while ((known.starts[known.next] ?? Infinity) < from) known.next++
    return known.starts[known.next]
  }
}
