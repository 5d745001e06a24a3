// YAML 1.2 with the core schema: plain data, no tags of anybody's, a few aliases. The text is hostile; it may be slow to read, and
// the thread bounds that.

import { BulkheadError } from '@bulkhead/kernel/wire'
import { Composer, type CST, type Document, Lexer, LineCounter, Parser, stringify, YAMLParseError } from 'yaml'
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

/** The library reports each fault of a text, and a text may have a fault in each of its characters: this composer ends with the first. */
class StrictComposer extends Composer {
  constructor() {
    super({ ...schema, strict: true, uniqueKeys: true, prettyErrors: false, logLevel: 'silent' })
    // All of its parts report to this member, warnings too: a tag that is not known is one, and the value then text.
    const reporting = this as unknown as { onError: (at: FaultPlace, code: FaultCode, message: string) => void }
    if (typeof reporting.onError !== 'function') throw new TypeError('yaml: the composer reports faults in another way')
    let first: YAMLParseError | undefined
    reporting.onError = (at, code, message) => {
      // On its way out the library catches it, and reports it again as one of the whole collection.
      if (first !== undefined) throw first
      const start = typeof at === 'number' ? at : 'offset' in at ? at.offset : at[0]
      throw (first = new YAMLParseError([start, start + 1], code, message))
    }
  }
}

type FaultCode = ConstructorParameters<typeof YAMLParseError>[1]
type FaultPlace = number | readonly [number, number] | { readonly offset: number }

/** What the parser does not understand the composer would note, and go on. @throws YAMLParseError */
const faultlessTokens = function* (text: string, lines: LineCounter): Generator<CST.Token> {
  for (const token of new Parser(lines.addNewLine).parse(text)) {
    if (token.type === 'error') {
      throw new YAMLParseError([token.offset, token.offset + 1], 'UNEXPECTED_TOKEN', token.message)
    }
    yield token
  }
}

/** @throws YAMLParseError for the first fault */
const composeOne = (text: string, lines: LineCounter): Document.Parsed => {
  let found: Document.Parsed | undefined
  for (const document of new StrictComposer().compose(faultlessTokens(text, lines), true, text.length)) {
    if (found !== undefined) {
      throw new YAMLParseError(
        [document.range[0], document.range[1]],
        'MULTIPLE_DOCS',
        'There is more than one document',
      )
    }
    found = document
  }
  if (found === undefined) throw new TypeError('yaml: no document')
  // What was reported in another way after all.
  const [fault] = [...found.errors, ...found.warnings]
  if (fault !== undefined) throw fault
  return found
}

const parse = (text: string): Document.Parsed => {
  const lines = new LineCounter()
  try {
    return composeOne(text, lines)
  } catch (thrown) {
    const fault = thrown as Error & { pos?: readonly [number, number] }
    if (fault.message.includes('call stack')) {
      throw new BulkheadError('input.too-deep', 'the text is nested too deeply')
    }
    if (fault.pos === undefined) throw thrown
    const { line, col: column } = lines.linePos(fault.pos[0])
    throw new BulkheadError('input.invalid', `line ${line}, column ${column}: ${fault.message}`, {
      details: { line, column },
    })
  }
}

/** One document as JSON text. @throws BulkheadError `input.invalid` with the line, `input.too-deep`, `limit.output` */
export const parseYaml = (text: string): string => {
  checkTokens(text)
  const document = parse(text)
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
