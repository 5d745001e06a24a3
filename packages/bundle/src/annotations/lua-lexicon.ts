// How Lua writes comments and strings. Lines of `---` that follow each other are one comment that documents something.

import { endAfter, endOfLine, endOfString, type Lexicon } from './tokens.ts'

const longBracket = /\[(=*)\[/y
const docLine = /[ \t]*---(?!-)/y

/** End of the long bracket that begins at `at`; undefined when none does. */
const endOfLongBracket = (source: string, at: number): number | undefined => {
  longBracket.lastIndex = at
  const found = longBracket.exec(source)
  return found === null ? undefined : endAfter(source, `]${found[1]}]`, longBracket.lastIndex)
}

const isDocLine = (source: string, at: number): boolean => {
  docLine.lastIndex = at
  return docLine.test(source)
}

/** See the file's head. */
export const luaLexicon: Lexicon = {
  readLong: (source, at) => {
    const character = source.charAt(at)
    if (character === '"' || character === "'") {
      return { end: endOfString(source, at, { multiline: false }), kind: 'string' }
    }
    if (character === '[') {
      const end = endOfLongBracket(source, at)
      return end === undefined ? undefined : { end, kind: 'string' }
    }
    // The line that tells a system's shell how to run a script.
    if (at === 0 && source.startsWith('#')) return { end: endOfLine(source, at), kind: 'skip' }
    if (character !== '-' || source.charAt(at + 1) !== '-') return undefined
    if (isDocLine(source, at)) {
      let end = endOfLine(source, at)
      while (isDocLine(source, end + 1)) end = endOfLine(source, end + 1)
      return { end, kind: 'doc' }
    }
    return { end: endOfLongBracket(source, at + 2) ?? endOfLine(source, at), kind: 'skip' }
  },
}
