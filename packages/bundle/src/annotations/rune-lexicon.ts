// How Rune writes comments and strings. Lines of `///` that follow each other are one comment that documents something.

import { endAfter, endOfLine, endOfString, type Lexicon } from './tokens.ts'

const docLine = /[ \t]*\/\/\/(?!\/)/y
const character = /b?'(?:\\(?:u\{[\da-fA-F]{1,6}\}|x[\da-fA-F]{2}|.)|[^'\\\n])'/uy

const isDocLine = (source: string, at: number): boolean => {
  docLine.lastIndex = at
  return docLine.test(source)
}

/** See the file's head. */
export const runeLexicon: Lexicon = {
  readLong: (source, at) => {
    const first = source.charAt(at)
    if (first === '"' || first === '`') return { end: endOfString(source, at, { multiline: true }), kind: 'string' }
    if (first === "'") {
      // Else it is the label of a loop.
      character.lastIndex = at
      return character.test(source) ? { end: character.lastIndex, kind: 'string' } : undefined
    }
    if (at === 0 && source.startsWith('#!') && !source.startsWith('#![')) {
      return { end: endOfLine(source, at), kind: 'skip' }
    }
    if (first !== '/') return undefined
    if (source.startsWith('/*', at)) return { end: endAfter(source, '*/', at + 2), kind: 'skip' }
    if (!source.startsWith('//', at)) return undefined
    if (!isDocLine(source, at)) return { end: endOfLine(source, at), kind: 'skip' }
    let end = endOfLine(source, at)
    while (isDocLine(source, end + 1)) end = endOfLine(source, end + 1)
    return { end, kind: 'doc' }
  },
}
