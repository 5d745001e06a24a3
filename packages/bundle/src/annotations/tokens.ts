// Cuts a source into tokens, in linear time. It knows just enough of each language to tell code from strings and comments; the
// comments that document something are tokens, all other ones vanish. It never fails: what it does not know is a mark.

import { annotationCaps } from './annotation.ts'

/** One token. */
export interface Token {
  readonly kind: 'name' | 'number' | 'string' | 'mark' | 'doc'
  /** As written; of a string its quotes, of a comment its marks included. */
  readonly text: string
  /** Of its first character, 1-based. */
  readonly line: number
  /** Of its last character. */
  readonly endLine: number
  /** Offset of its first character. */
  readonly at: number
}

/** How a language writes what is no plain token. */
export interface Lexicon {
  /**
   * Reads the comment, string or other long token that begins at `at`: its end, and its kind (`skip` for what says nothing).
   * Undefined when a plain token begins there. `previous` is the last token that was not skipped.
   */
  readLong(
    source: string,
    at: number,
    previous: Token | undefined,
  ): { readonly end: number; readonly kind: 'string' | 'doc' | 'skip' } | undefined
}

const maxTokens = 300_000
const plain = /[A-Za-z_$\u0080-\uffff][\w$\u0080-\uffff]*|\d[\w.]*|\S/y
const space = /[\s\ufeff]+/y

/** The tokens of a source, at most {@link annotationCaps.source} characters of it. */
export const tokensOf = (whole: string, lexicon: Lexicon): readonly Token[] => {
  const source = whole.slice(0, annotationCaps.source)
  const tokens: Token[] = []
  const lines = lineCounter(source)
  let at = 0
  let previous: Token | undefined
  const add = (kind: Token['kind'], end: number): void => {
    const line = lines(at)
    const token = { kind, text: source.slice(at, end), line, endLine: lines(Math.max(at, end - 1)), at }
    tokens.push(token)
    if (kind !== 'doc') previous = token
  }
  while (at < source.length && tokens.length < maxTokens) {
    space.lastIndex = at
    if (space.test(source)) {
      at = space.lastIndex
      continue
    }
    const long = lexicon.readLong(source, at, previous)
    if (long !== undefined) {
      // A reader that did not move would hold us.
      const end = Math.max(long.end, at + 1)
      if (long.kind !== 'skip') add(long.kind, end)
      at = end
      continue
    }
    plain.lastIndex = at
    const text = plain.exec(source)?.[0] ?? source.charAt(at)
    add(/^\d/.test(text) ? 'number' : /^[\w$\u0080-\uffff]/.test(text) ? 'name' : 'mark', at + text.length)
    at += text.length
  }
  return tokens
}

/** The line of an offset; offsets must not fall. */
const lineCounter = (source: string): ((at: number) => number) => {
  let line = 1
  let next = source.indexOf('\n')
  return (at) => {
    while (next >= 0 && next < at) {
      line++
      next = source.indexOf('\n', next + 1)
    }
    return line
  }
}

/** End of the line that `at` is on, without its line end. */
export const endOfLine = (source: string, at: number): number => {
  const end = source.indexOf('\n', at)
  return end < 0 ? source.length : end
}

/** Just past `closing`, or the end of the source. */
export const endAfter = (source: string, closing: string, from: number): number => {
  const end = source.indexOf(closing, from)
  return end < 0 ? source.length : end + closing.length
}

/** Just past the quote that closes the string which begins at `at`; a backslash takes the next character with it. */
export const endOfString = (source: string, at: number, options: { readonly multiline: boolean }): number => {
  const quote = source.charAt(at)
  for (let index = at + 1; index < source.length; index++) {
    const character = source.charAt(index)
    if (character === '\\') index++
    else if (character === quote) return index + 1
    else if (character === '\n' && !options.multiline) return index
  }
  return source.length
}
