// YAML 1.2 with the core schema: plain data, no tags of anybody's, a few aliases. The text is hostile; it may be slow to read, and
// the thread bounds that.

import { BulkheadError } from '@bulkhead/kernel/wire'
import { Lexer, LineCounter, parseDocument, stringify } from 'yaml'
import { maxResultLength, tooMuch, writeResult } from '../compute/bounds.ts'

/** Most nodes that the aliases of one anchor may stand for, as `yaml` counts them. */
const maxAliasCount = 100
const schema = { version: '1.2', schema: 'core', merge: false, resolveKnownTags: false } as const

/** Most scalars, and deepest nesting of what is opened on one line or by brackets. The parser takes a kilobyte for each scalar. */
const mostScalars = 100_000
const deepest = 100
/** Most anchors and aliases together. For each alias the library goes through the whole document. */
const mostAnchors = 1000

/**
 * Looks at the tokens before the parser makes a tree of them, which takes seconds and hundreds of megabytes for what is
 * refused at the end anyway.
 * @throws BulkheadError `input.too-deep`, `limit.output`
 */
const checkTokens = (text: string): void => {
  let brackets = 0
  let indicators = 0
  let scalars = 0
  let anchors = 0
  for (const token of new Lexer().lex(text)) {
    const first = token.charAt(0)
    if (token === '[' || token === '{') brackets++
    else if (token === ']' || token === '}') brackets--
    else if (first === '\n' || first === '\r') indicators = 0
    else if (token === '-' || token === '?') indicators++
    if ((first === '&' || first === '*') && ++anchors > mostAnchors) {
      throw new BulkheadError('input.invalid', `the text has more than ${mostAnchors} anchors and aliases`)
    }
    if (brackets + indicators > deepest) {
      throw new BulkheadError('input.too-deep', `the text is nested deeper than ${deepest} levels`)
    }
    // U+001F comes before a plain scalar; an empty one has no token, but its comma or its colon has.
    const isScalar = first === '\u001f' || first === '"' || first === "'" || token === ',' || token === ':'
    if (isScalar && ++scalars > mostScalars) throw tooMuch(`holds more than ${mostScalars} values`)
  }
}

/** One document as JSON text. @throws BulkheadError `input.invalid` with the line, `input.too-deep`, `limit.output` */
export const parseYaml = (text: string): string => {
  checkTokens(text)
  const lineCounter = new LineCounter()
  const document = parseDocument(text, {
    ...schema,
    lineCounter,
    strict: true,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'silent',
  })
  // A tag that is not known is a warning there, and the value then text.
  const [fault] = [...document.errors, ...document.warnings]
  if (fault?.message.includes('call stack') === true) {
    throw new BulkheadError('input.too-deep', 'the text is nested too deeply')
  }
  if (fault !== undefined) {
    const { line, col: column } = lineCounter.linePos(fault.pos[0])
    throw new BulkheadError('input.invalid', `line ${line}, column ${column}: ${fault.message}`, {
      details: { line, column },
    })
  }
  try {
    return writeResult(document.toJS({ maxAliasCount }) ?? null)
  } catch (thrown) {
    // How the library says that the aliases stand for too much, or for what is not there.
    if (thrown instanceof ReferenceError) throw new BulkheadError('input.invalid', thrown.message, { cause: thrown })
    throw thrown
  }
}

/** A value as YAML. @throws BulkheadError `limit.output` */
export const formatYaml = (value: unknown, indent: number): string => {
  const text = stringify(value, { ...schema, indent, lineWidth: 0, aliasDuplicateObjects: false })
  if (text.length > maxResultLength) throw tooMuch(`is longer than ${maxResultLength} characters`)
  return text
}
