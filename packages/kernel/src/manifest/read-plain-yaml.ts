// Reads the plain YAML that nearly every manifest is written in, several times faster than a whole YAML parser can. It
// knows no faults and no positions: whatever it does not know for certain it leaves to read-yaml.ts, which alone says
// what a text means. A property test holds the two against each other.

import { makeTable } from './source-tree.ts'

/** Longer texts are left to the reader that counts tokens; of this length no text has as many as it refuses. */
const maxLength = 8 * 1024
/** Deeper ones are left to the reader that refuses depth. */
const maxDepth = 16

const printable = /^[\x20-\x7e\n]*$/
const blockKey = /([A-Za-z_$][A-Za-z0-9_$.-]{0,99}):(?: (?=[^ ])|$)/y
const flowKey = /([A-Za-z_$][A-Za-z0-9_$.-]{0,99}): (?=[^ ])/y
const quoted = /"([^"\\]*)"|'([^']*)'/y
const blockText = /[A-Za-z0-9_/](?:[A-Za-z0-9_.,;()/*+<>=@~^$?!'"-]|:(?=[^ ])| (?=[^ #]))*$/y
const flowText = /[A-Za-z0-9_/](?:[A-Za-z0-9_.;()/*+<>=@~^$-]|:(?=[A-Za-z0-9/])| (?=[A-Za-z0-9_(]))*/y
const constant = /^(?:null|true|false)$/i
const integer = /^(?:0|[1-9]\d{0,14})$/
/** Texts that begin with a digit and are no number in any notation. */
const numberedText = /^\d+(?:\.\d+\.\d[^ ]*|[hmsB]|ms|[KMG]i?B)$/

/** Thrown by what is met and not known; never leaves this file. */
const unknown = Symbol('not plain')
const leave = (): never => {
  throw unknown
}

interface Line {
  readonly indent: number
  readonly text: string
}

/** The lines that say something. */
const linesOf = (text: string): Line[] => {
  const lines: Line[] = []
  for (const line of text.split('\n')) {
    if (line.endsWith(' ')) leave()
    const rest = line.trimStart()
    if (rest !== '' && !rest.startsWith('#')) lines.push({ indent: line.length - rest.length, text: rest })
  }
  return lines
}

const meaning = (text: string): unknown => {
  if (constant.test(text)) return /^(?:true|null|false)$/.test(text) ? (JSON.parse(text) as unknown) : leave()
  if (!/^\d/.test(text)) return text
  if (integer.test(text)) return Number(text)
  return numberedText.test(text) ? text : leave()
}

/** Reads one line's value from a place on: a scalar, or a flow collection that ends on its line. */
class Cursor {
  readonly #line: string
  #at: number

  constructor(line: string, at: number) {
    this.#line = line
    this.#at = at
  }

  /** The value, when nothing comes after it. */
  whole(depth: number): unknown {
    const first = this.#line.charAt(this.#at)
    const isFlow = first === '{' || first === '[' || first === '"' || first === "'"
    const value = isFlow ? this.#flow(depth) : meaning(this.#take(blockText))
    return this.#at === this.#line.length ? value : leave()
  }

  #take(pattern: RegExp, group = 0): string {
    pattern.lastIndex = this.#at
    const match = pattern.exec(this.#line) ?? leave()
    this.#at = pattern.lastIndex
    return match[group] ?? match[group + 1] ?? leave()
  }

  #skipBlank(): void {
    while (this.#line.charAt(this.#at) === ' ') this.#at++
  }

  #skip(character: string): boolean {
    this.#skipBlank()
    if (this.#line.charAt(this.#at) !== character) return false
    this.#at++
    return true
  }

  #flow(depth: number): unknown {
    if (depth > maxDepth) leave()
    if (this.#skip('{')) return this.#table(depth)
    if (this.#skip('[')) return this.#list(depth)
    const first = this.#line.charAt(this.#at)
    return first === '"' || first === "'" ? this.#take(quoted, 1) : meaning(this.#take(flowText))
  }

  #table(depth: number): unknown {
    const table = makeTable()
    if (this.#skip('}')) return table
    do {
      this.#skipBlank()
      add(table, this.#take(flowKey, 1), this.#flow(depth + 1))
    } while (this.#skip(','))
    return this.#skip('}') ? table : leave()
  }

  #list(depth: number): unknown {
    const list: unknown[] = []
    if (this.#skip(']')) return list
    do list.push(this.#flow(depth + 1))
    while (this.#skip(','))
    return this.#skip(']') ? list : leave()
  }
}

const add = (table: Record<string, unknown>, key: string, value: unknown): void => {
  if (constant.test(key) || Object.hasOwn(table, key)) leave()
  table[key] = value
}

/** Reads the blocks of a text, from its first line on. */
class Blocks {
  readonly #lines: readonly Line[]
  #next = 0

  constructor(lines: readonly Line[]) {
    this.#lines = lines
  }

  whole(): Readonly<Record<string, unknown>> {
    const value = this.#lines[0]?.indent === 0 ? this.#table(0, 0) : leave()
    return this.#next === this.#lines.length ? value : leave()
  }

  /** The lines at this indent, and those further in that belong to them. */
  #block(indent: number, depth: number): unknown {
    if (depth > maxDepth) leave()
    return this.#lines[this.#next]?.text.startsWith('- ') === true
      ? this.#list(indent, depth)
      : this.#table(indent, depth)
  }

  #list(indent: number, depth: number): unknown {
    const list: unknown[] = []
    for (const line of this.#at(indent)) {
      if (!line.text.startsWith('- ')) leave()
      list.push(new Cursor(line.text, 2).whole(depth + 1))
    }
    return list
  }

  #table(indent: number, depth: number): Readonly<Record<string, unknown>> {
    const table = makeTable()
    for (const line of this.#at(indent)) {
      blockKey.lastIndex = 0
      const [head = '', key = ''] = blockKey.exec(line.text) ?? leave()
      if (head.length < line.text.length) add(table, key, new Cursor(line.text, head.length).whole(depth + 1))
      else {
        const inner = this.#lines[this.#next]?.indent ?? 0
        // A list may stand at the indent of its key; that is left to the other reader, and so is a key without a value.
        add(table, key, inner > indent ? this.#block(inner, depth + 1) : leave())
      }
    }
    return table
  }

  /** The next lines at this indent; one that is further in continues something, and is not known. */
  *#at(indent: number): Iterable<Line> {
    for (let line = this.#lines[this.#next]; line !== undefined; line = this.#lines[this.#next]) {
      if (line.indent < indent) return
      if (line.indent > indent) leave()
      this.#next++
      yield line
    }
  }
}

/** The value of a manifest in plain YAML: what {@link readYaml} makes of it. Undefined: ask that. Never throws. */
export const readPlainYaml = (text: string): Readonly<Record<string, unknown>> | undefined => {
  if (text.length > maxLength || !printable.test(text)) return undefined
  try {
    return new Blocks(linesOf(text)).whole()
  } catch (thrown) {
    if (thrown === unknown) return undefined
    throw thrown
  }
}
