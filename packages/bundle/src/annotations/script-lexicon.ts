// How JavaScript and TypeScript write comments, strings, templates and regular expressions. Where `/` may be a division it is
// taken for one.

import { endAfter, endOfLine, endOfString, type Lexicon, type Token } from './tokens.ts'

const maxTemplateLevels = 32
/** Longer ones are taken for divisions: each is looked for anew, so that they must end soon. */
const regularExpression = /\/(?:\\.|\[(?:\\.|[^\]\\\n]){0,200}\]|[^/\\[\n]){1,500}\/[a-z]{0,8}/y
/** Words after which a value begins. */
const beforeValue = new Set(['return', 'typeof', 'case', 'in', 'of', 'delete', 'void', 'throw', 'new', 'else', 'do'])

const mayBeginValue = (previous: Token | undefined): boolean => {
  if (previous === undefined) return true
  if (previous.kind === 'name') return beforeValue.has(previous.text)
  return previous.kind === 'mark' && !/[)\]}<]/.test(previous.text)
}

/** Past the template that begins at `at`; what stands in `${…}` may hold templates again. */
const endOfTemplate = (source: string, at: number): number => {
  /** Braces that are open in each `${`, from the outermost. */
  const open: number[] = []
  let isText = true
  for (let index = at + 1; index < source.length; index++) {
    const character = source.charAt(index)
    if (isText) {
      if (character === '\\') index++
      else if (character === '$' && source.charAt(index + 1) === '{') {
        if (open.length >= maxTemplateLevels) return source.length
        open.push(0)
        index++
        isText = false
      } else if (character === '`') {
        if (open.length === 0) return index + 1
        isText = false
      }
    } else if (character === '`') isText = true
    else if (character === '"' || character === "'") index = endOfString(source, index, { multiline: false }) - 1
    else if (character === '{') open.push((open.pop() ?? 0) + 1)
    else if (character === '}') {
      const depth = open.pop() ?? 0
      if (depth > 0) open.push(depth - 1)
      else isText = true
    }
  }
  return source.length
}

/** See the file's head. */
export const scriptLexicon: Lexicon = {
  readLong: (source, at, previous) => {
    const first = source.charAt(at)
    if (first === '"' || first === "'") return { end: endOfString(source, at, { multiline: false }), kind: 'string' }
    if (first === '`') return { end: endOfTemplate(source, at), kind: 'string' }
    if (at === 0 && source.startsWith('#!')) return { end: endOfLine(source, at), kind: 'skip' }
    if (first !== '/') return undefined
    if (source.startsWith('//', at)) return { end: endOfLine(source, at), kind: 'skip' }
    if (source.startsWith('/*', at)) {
      const isDoc = source.startsWith('/**', at) && source.charAt(at + 3) !== '/'
      return { end: endAfter(source, '*/', at + 2), kind: isDoc ? 'doc' : 'skip' }
    }
    if (!mayBeginValue(previous)) return undefined
    regularExpression.lastIndex = at
    return regularExpression.test(source) ? { end: regularExpression.lastIndex, kind: 'string' } : undefined
  },
}
