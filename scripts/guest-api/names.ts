// How names of the guest API are spelled in each language, and which cannot be.

/** `read_text` → `readText`. */
export const camelCase = (name: string): string =>
  name.replace(/_([a-z0-9])/g, (_whole, letter: string) => letter.toUpperCase())

/** `read_text` → `ReadText`. */
export const pascalCase = (name: string): string => {
  const camel = camelCase(name)
  return camel.slice(0, 1).toUpperCase() + camel.slice(1)
}

/** Lua 5.4 manual, section 3.1. */
const luaKeywords =
  'and break do else elseif end false for function goto if in local nil not or repeat return then true until while'
/** The Rune book, "Keywords": those in use and those kept for later. */
const runeKeywords =
  'abstract alignof as async await become break const continue crate default do else enum extern false final fn for if impl in is let loop macro match mod move mut not offsetof override priv proc pub pure ref return select self sizeof static struct super template true typeof unsafe use virtual while yield'

const keywords = new Set(`${luaKeywords} ${runeKeywords}`.split(' '))

/** What is wrong with a name of an area or a method; undefined: nothing. */
export const faultOfName = (name: string): string | undefined => {
  if (!/^[a-z][a-z0-9]*(?:_[a-z0-9]+)*$/.test(name)) return `"${name}" is not in snake case`
  return keywords.has(name) ? `"${name}" is a keyword of Lua or Rune` : undefined
}

/** Lines of text, none longer than `width` unless one word is. */
export const wrapped = (text: string, width: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(/\s+/)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = word
    } else line = line === '' ? word : `${line} ${word}`
  }
  return line === '' ? lines : [...lines, line]
}
