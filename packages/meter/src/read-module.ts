// Takes a module apart: what each section declares, as far as rewriting needs it, with caps on every count. What a
// section holds beyond that stays bytes; validity as a whole is the engine's to judge, before this.

import { skipConstExpression } from './const-expression.ts'
import { feature, invalid, ModuleFault } from './fault.ts'
import { readSizeLimits, type SizeLimits } from './limits.ts'
import { Reader } from './reader.ts'
import { type FunctionType, readFunctionType, skipReferenceType, skipValueType } from './value-types.ts'
import { meterNamespace } from './names.ts'

/** Kinds of imports and exports, in the order of the binary format. */
export const externalKinds = ['function', 'table', 'memory', 'global', 'tag'] as const

/** See {@link externalKinds}. */
export type ExternalKind = (typeof externalKinds)[number]

/** A range of the module's bytes. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** One import. `whole` is its bytes; `type` the type index of a function. */
export interface ImportEntry {
  readonly module: string
  readonly name: string
  readonly kind: ExternalKind
  readonly whole: Range
  readonly type: number
  readonly memory: SizeLimits | undefined
}

/** One export. `head` is the bytes of its name. */
export interface ExportEntry {
  readonly name: string
  readonly kind: ExternalKind
  readonly index: number
  readonly head: Range
}

/** One table of the module's own: its type, its limits, its initial value. */
export interface TableEntry {
  readonly head: Range
  readonly size: SizeLimits
  readonly init: Range
}

/** One global of the module's own. */
export interface GlobalEntry {
  readonly type: Range
  readonly init: Range
  /** Whether JavaScript can read and set it: numbers of up to 64 bits. */
  readonly isPlain: boolean
  readonly isMutable: boolean
}

/** A custom section. */
export interface CustomEntry {
  readonly name: string
  readonly body: Range
  readonly content: Range
}

/** A module taken apart. */
export interface ModuleParts {
  readonly bytes: Uint8Array
  readonly types: FunctionType[]
  readonly typeBytes: Range[]
  readonly imports: ImportEntry[]
  /** Type indexes of the functions that the module defines. */
  readonly functions: number[]
  readonly tables: TableEntry[]
  readonly memories: SizeLimits[]
  readonly globals: GlobalEntry[]
  readonly exports: ExportEntry[]
  start: number | undefined
  /** Bodies of sections that are read only when they are written. */
  readonly raw: Map<number, Reader>
  readonly customs: CustomEntry[]
}

/** Caps on counts. */
const most = {
  types: 100_000,
  values: 1000,
  imports: 10_000,
  functions: 500_000,
  tables: 64,
  memories: 16,
  tags: 10_000,
  globals: 1_000_000,
  exports: 100_000,
  /** Values that one exception carries: exceptions live on the engine's heap, which no limit of ours counts. */
  exceptionValues: 16,
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

/** @throws ModuleFault */
export const readModule = (bytes: Uint8Array, maxBytes: number): ModuleParts => {
  checkHeader(bytes, maxBytes)
  const parts: ModuleParts = {
    bytes,
    types: [],
    typeBytes: [],
    imports: [],
    functions: [],
    tables: [],
    memories: [],
    globals: [],
    exports: [],
    start: undefined,
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
      const start = body.at
      const custom = body.name('the name of a custom section')
      parts.customs.push({ name: custom, body: { start, end: body.end }, content: { start: body.at, end: body.end } })
      continue
    }
    const nextPlace = sectionOrder.indexOf(id)
    if (nextPlace <= place) throw invalid(`the ${name} section is out of order or stands twice`)
    place = nextPlace
    readSection(id, body, parts)
  }
  return parts
}

const readSection = (id: number, body: Reader, parts: ModuleParts): void => {
  const each = (what: string, cap: number, read: () => void): void => {
    const count = body.count(what, cap)
    for (let index = 0; index < count; index++) read()
  }
  switch (id) {
    case 1:
      each('types', most.types, () => {
        const start = body.at
        parts.types.push(readFunctionType(body, most.values))
        parts.typeBytes.push({ start, end: body.at })
      })
      break
    case 2:
      each('imports', most.imports, () => readImport(body, parts))
      break
    case 3:
      each('functions', most.functions, () => parts.functions.push(body.u32('the type of a function')))
      break
    case 4:
      each('tables', most.tables, () => readTable(body, parts))
      break
    case 5:
      each('memories', most.memories, () => parts.memories.push(readSizeLimits(body, 'memory')))
      break
    case 6:
      each('globals', most.globals, () => readGlobal(body, parts))
      break
    case 7:
      each('exports', most.exports, () => readExport(body, parts))
      break
    case 8:
      parts.start = body.u32('the start function')
      break
    case 13: {
      const again = new Reader(body.bytes, body.at, body.end)
      each('tags', most.tags, () => readTag(body, parts))
      parts.raw.set(13, again)
      break
    }
    default:
      parts.raw.set(id, body)
      return
  }
  if (!body.done) throw invalid(`the ${sectionNames[id]} section is longer than what it holds`)
}

const readImport = (body: Reader, parts: ModuleParts): void => {
  const start = body.at
  const module = body.name('the module of an import')
  const name = body.name('the name of an import')
  if (module.startsWith(meterNamespace)) {
    throw feature(`the module imports from ${meterNamespace}, which is kept for the host`)
  }
  const code = body.byte('an import')
  const kind = externalKinds[code]
  let type = -1
  let memory: SizeLimits | undefined
  switch (kind) {
    case 'function':
      type = body.u32('the type of an imported function')
      break
    case 'table':
      skipReferenceType(body, 'table', 'the type of an imported table')
      readSizeLimits(body, 'table')
      break
    case 'memory':
      memory = readSizeLimits(body, 'memory')
      break
    case 'global':
      readGlobalType(body)
      break
    case 'tag':
      readTag(body, parts)
      break
    default:
      throw invalid(`an import is of an unknown kind (${code})`)
  }
  parts.imports.push({ module, name, kind, type, memory, whole: { start, end: body.at } })
}

const readTable = (body: Reader, parts: ModuleParts): void => {
  const start = body.at
  const hasInit = body.bytes[body.at] === 0x40
  if (hasInit) {
    body.byte('a table')
    if (body.byte('a table') !== 0) throw invalid('a table has unknown flags')
  }
  skipReferenceType(body, 'table', 'the type of a table')
  const head = { start, end: body.at }
  const size = readSizeLimits(body, 'table')
  const initStart = body.at
  if (hasInit) skipConstExpression(body)
  parts.tables.push({ head, size, init: { start: initStart, end: body.at } })
}

/** A global that holds an exception keeps what it carries alive: memory that no limit counts, as in a table. */
const readGlobalType = (body: Reader): Pick<GlobalEntry, 'isPlain' | 'isMutable'> => {
  const first = body.bytes[body.at] ?? 0
  skipValueType(body, 'the type of a global', 'kept')
  return { isPlain: first >= 0x7c && first <= 0x7f, isMutable: body.byte('the mutability of a global') === 1 }
}

const readGlobal = (body: Reader, parts: ModuleParts): void => {
  const start = body.at
  const facts = readGlobalType(body)
  const end = body.at
  skipConstExpression(body)
  parts.globals.push({ type: { start, end }, init: { start: end, end: body.at }, ...facts })
}

const readTag = (body: Reader, parts: ModuleParts): void => {
  if (body.byte('the attribute of a tag') !== 0) throw invalid('a tag has an unknown attribute')
  const type = parts.types[body.u32('the type of a tag')]
  if (type === undefined) throw invalid('a tag has a type that does not exist')
  if (type.parameters > most.exceptionValues) {
    throw feature(`the module has exceptions of ${type.parameters} values; at most ${most.exceptionValues} are taken`)
  }
}

const readExport = (body: Reader, parts: ModuleParts): void => {
  const start = body.at
  const name = body.name('the name of an export')
  if (name.startsWith(meterNamespace)) throw feature(`the module exports ${meterNamespace}…, which is kept for the host`)
  const head = { start, end: body.at }
  const code = body.byte('an export')
  const kind = externalKinds[code]
  if (kind === undefined) throw invalid(`an export is of an unknown kind (${code})`)
  parts.exports.push({ name, kind, index: body.u32('the index of an export'), head })
}

const checkHeader = (bytes: Uint8Array, maxBytes: number): void => {
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
