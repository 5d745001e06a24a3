// Reads one YAML 1.2 document into a tree with positions. The parts of YAML that let a small text mean a large or a
// surprising one (anchors, aliases, tags, merge keys, directives, several documents) are refused, not interpreted.

import { CST, Lexer, type Node, parseAllDocuments, isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { FieldPath, Position } from './fault.ts'
import {
  depthFault,
  sizeFault,
  duplicateFault,
  lineFinder,
  makeTable,
  maxManifestDepth,
  Positions,
  type SourceTree,
  type SyntaxFault,
} from './source-tree.ts'

type Place = (offset: number) => Position

const refused: Readonly<Record<string, { what: string; mend: string }>> = {
  anchor: { what: 'an anchor', mend: 'Write the value out where it is used.' },
  alias: { what: 'an alias', mend: 'Write the value out instead of referring to it.' },
  tag: { what: 'a tag', mend: 'Leave the tag out; the value is read by its look.' },
  'directive-line': { what: 'a directive', mend: 'Remove the line that starts with %.' },
}

/** Most tokens of a manifest; a line has about five. The parser's time grows with their square in the worst case. */
const maxTokens = 25_000

/** Reads only the tokens: finds what is refused, and nesting that would make the parser recurse too deeply. */
const scanTokens = (text: string, place: Place): SyntaxFault[] => {
  const faults: SyntaxFault[] = []
  const columns: number[] = []
  let offset = 0
  let lineStart = 0
  let flow = 0
  let scalar = false
  let count = 0
  for (const token of new Lexer().lex(text)) {
    if (++count > maxTokens) return [...faults, sizeFault(place(offset))]
    if (token === CST.SCALAR || token === CST.DOCUMENT || token === CST.FLOW_END) {
      scalar = token === CST.SCALAR
      continue
    }
    const type = scalar ? null : CST.tokenType(token)
    const word = type === null ? undefined : refused[type]
    if (word !== undefined && type !== null && Object.hasOwn(refused, type)) {
      faults.push({
        path: [],
        message: `uses ${word.what} (${token.slice(0, 40).trim()})`,
        mend: word.mend,
        at: place(offset),
      })
    }
    if (type === 'flow-map-start' || type === 'flow-seq-start') flow++
    if (type === 'flow-map-end' || type === 'flow-seq-end') flow--
    // Outside of flow collections every level of a block structure starts in a column of its own.
    if (flow === 0 && (scalar || type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind')) {
      const column = offset - lineStart
      while ((columns.at(-1) ?? -1) > column) columns.pop()
      if (columns.at(-1) !== column) columns.push(column)
    }
    if (flow + columns.length > maxManifestDepth) return [...faults, depthFault(place(offset))]
    const newline = token.lastIndexOf('\n')
    if (newline !== -1) lineStart = offset + newline + 1
    offset += token.length
    scalar = false
  }
  return faults
}

const convert = (root: Node | null, place: Place) => {
  const positions = new Positions()
  const faults: SyntaxFault[] = []
  const start = (node: unknown): Position => place((node as { range?: readonly number[] } | null)?.range?.[0] ?? 0)
  const walk = (node: unknown, path: FieldPath): unknown => {
    if (path.length > maxManifestDepth) {
      faults.push(depthFault(start(node)))
      return undefined
    }
    if (isScalar(node)) return typeof node.value === 'bigint' ? node.value.toString() : node.value
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        positions.note([...path, index], start(item))
        return walk(item, [...path, index])
      })
    }
    if (!isMap(node)) return isAlias(node) ? undefined : null
    const table = makeTable()
    for (const pair of node.items) {
      const at = start(pair.key)
      if (!isScalar(pair.key) || (typeof pair.key.value !== 'string' && typeof pair.key.value !== 'number')) {
        faults.push({
          path,
          message: 'has a key that is not a word',
          mend: 'Use text as the key; quote it if need be.',
          at,
        })
        continue
      }
      const key = String(pair.key.source ?? pair.key.value)
      const inner = [...path, key]
      positions.note(inner, at)
      const value = walk(pair.value, inner)
      if (key === '<<') {
        faults.push({ path, message: 'uses a merge key (<<)', mend: 'Write the fields out.', at })
      } else if (Object.hasOwn(table, key)) faults.push(duplicateFault(inner, at))
      else table[key] = value
    }
    return table
  }
  return { value: walk(root, []), positions, faults }
}

/** Parses a manifest in YAML. Never throws. */
export const readYaml = (text: string): SourceTree => {
  const place = lineFinder(text)
  const scanned = scanTokens(text, place)
  const nothing = { value: undefined, positions: new Positions() }
  if (scanned.length > 0) return { ...nothing, faults: scanned }
  const documents = parseAllDocuments(text, { version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false })
  const [first, second] = 'empty' in documents ? [] : documents
  if (first === undefined) return { ...nothing, value: null, faults: [] }
  if (second !== undefined) {
    const at = place(second.range[0])
    return { ...nothing, faults: [{ path: [], message: 'holds more than one document', mend: 'Keep one.', at }] }
  }
  if (first.errors.length > 0) {
    const faults = first.errors.slice(0, 20).map((error) => ({
      path: [],
      message: `is not YAML: ${error.message.split('\n')[0]?.slice(0, 200) ?? ''}`,
      mend: 'Correct the YAML at that place.',
      at: place(Math.min(error.pos[0], text.length)),
    }))
    return { ...nothing, faults }
  }
  return convert(first.contents, place)
}
