// Takes a module apart: what each section declares, with caps on every count. What a section holds beyond that stays bytes;
// validity as a whole is the engine's to judge.

import type { ConstContext } from './const-expression.ts'
import { readExport, readGlobal, readImport, readTable, readTag } from './declarations.ts'
import { feature, invalid, ModuleFault } from './fault.ts'
import type { Features } from './features.ts'
import { readSizeLimits } from './limits.ts'
import type { CustomEntry, ModuleParts } from './module-parts.ts'
import { Reader } from './reader.ts'
import { readTypes } from './type-section.ts'

/** Caps on counts. */
const most = {
  imports: 10_000,
  functions: 500_000,
  tables: 64,
  memories: 16,
  tags: 10_000,
  globals: 100_000,
  /** Instantiating makes an object for each, in one go, which nothing can interrupt. */
  exports: 10_000,
  sections: 10_000,
}

const sectionNames: Record<number, string> = {
  1: 'type',
  2: 'import',
  3: 'function',
  4: 'table',
  5: 'memory',
  6: 'global',
  7: 'export',
  8: 'start',
  9: 'element',
  10: 'code',
  11: 'data',
  12: 'data count',
  13: 'tag',
}

/** Section ids in the order that they must have; custom sections (0) may stand anywhere. */
const sectionOrder = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]

type Building = { -readonly [Key in keyof ModuleParts]: ModuleParts[Key] } & {
  readonly raw: Map<number, Reader>
  readonly customs: CustomEntry[]
}

/** @throws ModuleFault */
export const readModule = (bytes: Uint8Array, features: Features): ModuleParts => {
  const parts: Building = {
    bytes,
    typeSection: { types: [], entries: 0, range: { start: 8, end: 8 } },
    imports: [],
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    exports: [],
    start: undefined,
    heap: { bytes: 0 },
    raw: new Map(),
    customs: [],
  }
  const reader = new Reader(bytes, 8)
  let place = -1
  for (let count = 0; !reader.done; count++) {
    if (count === most.sections) throw invalid(`the module has more than ${most.sections} sections`)
    const id = reader.byte('a section')
    const name = id === 0 ? 'custom' : sectionNames[id]
    if (name === undefined) throw invalid(`the module has a section of an unknown kind (${id})`)
    const body = reader.within(reader.u32(`the length of the ${name} section`), `the ${name} section`)
    if (id === 0) {
      parts.customs.push(readCustom(body))
      continue
    }
    const nextPlace = sectionOrder.indexOf(id)
    if (nextPlace <= place) throw invalid(`the ${name} section is out of order or stands twice`)
    place = nextPlace
    readSection(id, body, { parts, features })
  }
  return parts
}

const readCustom = (body: Reader): CustomEntry => {
  const start = body.at
  const name = body.name('the name of a custom section')
  return { name, body: { start, end: body.end }, content: { start: body.at, end: body.end } }
}

const readSection = (id: number, body: Reader, { parts, features }: { parts: Building; features: Features }): void => {
  const context: ConstContext = { features, types: parts.typeSection.types, heap: parts.heap }
  const each = (what: string, cap: number, read: () => void): void => {
    const count = body.count(what, cap)
    for (let index = 0; index < count; index++) read()
  }
  switch (id) {
    case 1:
      parts.typeSection = readTypes(body, features)
      break
    case 2:
      each('imports', most.imports, () => parts.imports.push(readImport(body, context)))
      break
    case 3:
      each('functions', most.functions, () => parts.functions.push(readFunction(body, context)))
      break
    case 4:
      each('tables', most.tables, () => parts.tables.push(readTable(body, context)))
      break
    case 5:
      each('memories', most.memories, () => parts.memories.push(readSizeLimits(body, 'memory', features)))
      break
    case 6:
      each('globals', most.globals, () => parts.globals.push(readGlobal(body, context)))
      break
    case 7:
      each('exports', most.exports, () => parts.exports.push(readExport(body)))
      break
    case 8:
      parts.start = body.u32('the start function')
      break
    case 13:
      parts.raw.set(13, new Reader(body.bytes, body.at, body.end))
      each('tags', most.tags, () => readTag(body, context))
      break
    default:
      parts.raw.set(id, body)
      return
  }
  if (!body.done) throw invalid(`the ${sectionNames[id]} section is longer than what it holds`)
}

const readFunction = (body: Reader, { types }: ConstContext): number => {
  const type = body.u32('the type of a function')
  if (types[type]?.form !== 'function') throw invalid('a function has a type that is none of a function')
  return type
}

/** @throws ModuleFault for what is no module, or too large a one; before any work is done on it */
export const checkHeader = (bytes: Uint8Array, maxBytes: number): void => {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    throw new ModuleFault('artifact.not-wasm', 'the file does not start with the bytes 00 61 73 6d')
  }
  if (bytes.length > maxBytes) {
    throw new ModuleFault('artifact.too-large', `the module is ${bytes.length} bytes; at most ${maxBytes} are taken`)
  }
  if (bytes.length < 8) throw invalid('the module ends inside its header')
  if (bytes[4] === 1 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0) return
  if (bytes[6] === 1) throw feature('the file is a component, not a core module')
  throw invalid(`the module has version ${bytes[4]} of the binary format; version 1 is known`)
}
