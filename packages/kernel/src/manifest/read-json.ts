// Reads strict JSON (RFC 8259) into a tree with positions. A parser of its own because JSON.parse tells neither the
// place of a field nor that a key stands twice. Recurses at most to the depth cap.

import type { FieldPath } from './fault.ts'
import {
  depthFault,
  duplicateFault,
  lineFinder,
  makeTable,
  maxManifestDepth,
  Positions,
  type SourceTree,
  type SyntaxFault,
} from './source-tree.ts'

const literal = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y
const blank = /[ \t\r\n]*/y

class Stop extends Error {
  readonly fault: SyntaxFault
  constructor(fault: SyntaxFault) {
    super(fault.message)
    this.fault = fault
  }
}

/** Parses a manifest in JSON. Never throws. */
export const readJson = (text: string): SourceTree => {
  const place = lineFinder(text)
  const positions = new Positions()
  const faults: SyntaxFault[] = []
  let at = 0

  const stop = (expected: string): never => {
    const found = at >= text.length ? 'the end of the file' : JSON.stringify(text.charAt(at))
    throw new Stop({
      path: [],
      message: `is not JSON: expected ${expected}, found ${found}`,
      mend: 'Correct the JSON at that place.',
      at: place(Math.min(at, text.length)),
    })
  }
  const skipBlank = () => {
    blank.lastIndex = at
    blank.test(text)
    at = blank.lastIndex
  }
  const take = (character: string): boolean => {
    skipBlank()
    if (text.charAt(at) !== character) return false
    at++
    return true
  }
  const readString = (): string => {
    skipBlank()
    if (text.charAt(at) !== '"') return stop('a string')
    let end = at + 1
    while (end < text.length && text.charAt(end) !== '"' && text.charAt(end) !== '\n') {
      end += text.charAt(end) === '\\' ? 2 : 1
    }
    if (text.charAt(end) !== '"') return stop('a string that ends on its line')
    try {
      const value = JSON.parse(text.slice(at, end + 1)) as string
      at = end + 1
      return value
    } catch {
      return stop('a string without raw control characters or unknown escapes')
    }
  }
  const readTable = (path: FieldPath): unknown => {
    const table = makeTable()
    if (take('}')) return table
    do {
      skipBlank()
      const start = place(at)
      const key = readString()
      const inner = [...path, key]
      if (!take(':')) stop('":"')
      positions.note(inner, start)
      const value = readValue(inner)
      if (Object.hasOwn(table, key)) faults.push(duplicateFault(inner, start))
      else table[key] = value
    } while (take(','))
    return take('}') ? table : stop('"," or "}"')
  }
  const readList = (path: FieldPath): unknown => {
    const list: unknown[] = []
    if (take(']')) return list
    do {
      skipBlank()
      positions.note([...path, list.length], place(Math.min(at, text.length)))
      list.push(readValue([...path, list.length]))
    } while (take(','))
    return take(']') ? list : stop('"," or "]"')
  }
  const readValue = (path: FieldPath): unknown => {
    if (path.length > maxManifestDepth) throw new Stop(depthFault(place(Math.min(at, text.length))))
    if (take('{')) return readTable(path)
    if (take('[')) return readList(path)
    if (text.charAt(at) === '"') return readString()
    literal.lastIndex = at
    const word = literal.exec(text)?.[0] ?? stop('a value')
    at += word.length
    return JSON.parse(word) as unknown
  }

  try {
    const value = readValue([])
    skipBlank()
    if (at < text.length) stop('the end of the file')
    return { value, positions, faults }
  } catch (thrown) {
    if (!(thrown instanceof Stop)) throw thrown
    return { value: undefined, positions, faults: [...faults, thrown.fault] }
  }
}
