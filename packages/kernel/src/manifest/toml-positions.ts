// Where each key of a TOML text stands. The text has already been parsed, so it is valid and shallow: this reads only
// as much as it takes to follow keys, tables, lists and strings, and it never decides what a value is.

import type { FieldPath, Position } from './fault.ts'
import { Positions } from './source-tree.ts'

const blanks = /(?:[ \t\r\n]|#[^\n]*)*/y
const bareKey = /[A-Za-z0-9_-]+/y
const plainValue = /[^,\]}#\n]*/y

/** Maps every field of a valid TOML text to its place. */
export const tomlPositions = (text: string, place: (offset: number) => Position): Positions => {
  const positions = new Positions()
  const arrays = new Map<string, number>()
  let at = 0

  const match = (pattern: RegExp): string => {
    pattern.lastIndex = at
    const found = pattern.exec(text)?.[0] ?? ''
    at += found.length
    return found
  }
  const skipString = (): string => {
    const quote = text.charAt(at)
    const fence = text.startsWith(quote.repeat(3), at) ? quote.repeat(3) : quote
    const start = (at += fence.length)
    while (at < text.length && !text.startsWith(fence, at)) at += quote === '"' && text.charAt(at) === '\\' ? 2 : 1
    const end = at
    at += fence.length
    // A multi-line string may end in up to two quotes of its own before the fence.
    while (fence.length === 3 && text.charAt(at) === quote) at++
    return text.slice(start, end)
  }
  const isQuote = () => text.charAt(at) === '"' || text.charAt(at) === "'"
  const keyPart = (): string => {
    match(blanks)
    if (!isQuote()) return match(bareKey)
    const basic = text.charAt(at) === '"'
    const raw = skipString()
    try {
      return basic ? (JSON.parse(`"${raw}"`) as string) : raw
    } catch {
      return raw
    }
  }
  /** Reads `a.b.c` and notes each table on the way. */
  const dottedKey = (base: FieldPath, throughArrays: boolean): FieldPath => {
    match(blanks)
    const here = place(Math.min(at, text.length))
    let path = base
    for (let more = true; more; ) {
      if (throughArrays) path = intoArray(path)
      path = [...path, keyPart()]
      positions.note(path, here)
      match(blanks)
      more = text.charAt(at) === '.'
      if (more) at++
    }
    return path
  }
  const intoArray = (path: FieldPath): FieldPath => {
    const count = arrays.get(JSON.stringify(path))
    return count === undefined ? path : [...path, count - 1]
  }
  const list = (path: FieldPath) => {
    at++
    for (let index = 0; at < text.length; index++) {
      match(blanks)
      if (text.charAt(at) === ']') break
      positions.note([...path, index], place(at))
      value([...path, index])
      match(blanks)
      if (text.charAt(at) === ',') at++
    }
    at++
  }
  const inlineTable = (path: FieldPath) => {
    at++
    while (at < text.length) {
      match(blanks)
      if (text.charAt(at) === '}') break
      const before = at
      assignment(path)
      match(blanks)
      if (text.charAt(at) === ',') at++
      if (at === before) break
    }
    at++
  }
  const value = (path: FieldPath) => {
    match(blanks)
    const first = text.charAt(at)
    if (first === '[') list(path)
    else if (first === '{') inlineTable(path)
    else if (isQuote()) skipString()
    else if (match(plainValue) === '') at++
  }
  const assignment = (base: FieldPath) => {
    const path = dottedKey(base, false)
    match(blanks)
    if (text.charAt(at) === '=') at++
    value(path)
  }

  let table: FieldPath = []
  while (at < text.length) {
    match(blanks)
    if (at >= text.length) break
    const before = at
    if (text.charAt(at) === '[') {
      const many = text.charAt(at + 1) === '['
      at += many ? 2 : 1
      table = dottedKey([], true)
      at += many ? 2 : 1
      if (many) {
        const key = JSON.stringify(table)
        const count = arrays.get(key) ?? 0
        arrays.set(key, count + 1)
        positions.note([...table, count], place(before))
      }
      table = intoArray(table)
    } else assignment(table)
    if (at === before) at++
  }
  return positions
}
