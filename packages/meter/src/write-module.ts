// Puts a module together again: its own declarations with moved indexes, and what the meter adds.

import type { Appended } from './appended.ts'
import { type ConstContext, writeConstExpression } from './const-expression.ts'
import { type Hints, hintsSection } from './hints.ts'
import type { Layout } from './layout.ts'
import { type SizeLimits, writeSizeLimits } from './limits.ts'
import { externalKinds, type GlobalEntry, type ModuleParts } from './module-parts.ts'
import { writeNames, writeText } from './name-section.ts'
import { globalExport, memoryImport, meterNamespace, startExport } from './names.ts'
import { Output } from './output.ts'
import { Reader } from './reader.ts'
import { writeData, writeElements } from './rewrite-segments.ts'
import type { Range } from './type-section.ts'
import { valueTypes } from './value-types.ts'

/** What is written beside what was read. */
export interface ToWrite {
  readonly layout: Layout
  readonly context: ConstContext
  readonly appended: Appended
  /** Rewritten bodies, each with its length. */
  readonly code: Uint8Array
  readonly hints: Hints
  /** Capped. */
  readonly memories: readonly SizeLimits[]
  /** Capped. */
  readonly tables: readonly SizeLimits[]
}

const kind = { function: 0, memory: 2, global: 3 } as const
const mutable = 1
/** Most mutable globals that are exported for snapshots: each takes a JavaScript object. */
const mostGlobalExports = 1000

/**
 * Custom sections that speak of places in the code or of function indexes, which have moved: debugging data, relocations,
 * hints to the engine (those on branches are written anew). All others are kept as they are.
 */
const dropped =
  /^(?:name$|metadata\.code\.|reloc\.|linking$|\.debug_|external_debug_info$|sourceMappingURL$|compilationHints$)/

/** The whole module. @throws ModuleFault */
export const writeModule = (parts: ModuleParts, write: ToWrite): Uint8Array => {
  const out = new Output(Math.ceil(parts.bytes.length * 1.05) + write.code.length - codeBytes(parts) + 8192)
  out.copy(parts.bytes, 0, 8)
  const section = (id: number, body: (out: Output) => void): void => {
    out.byte(id)
    const length = out.hole()
    const start = out.at
    body(out)
    out.patch(length, out.at - start)
  }
  const { layout, appended } = write
  const segments = { layout, context: write.context }
  const copied = (id: number): void => {
    const raw = parts.raw.get(id)
    if (raw !== undefined) section(id, () => out.copy(raw.bytes, raw.at, raw.end))
  }
  for (const custom of parts.customs) {
    if (!dropped.test(custom.name)) section(0, () => copyRange(out, parts, custom.body))
  }
  section(1, () => writeTypes(out, parts, appended))
  section(2, () => writeImports(out, parts, write))
  section(3, () => {
    out.u32(parts.functions.length + appended.functions.length)
    for (const type of parts.functions) out.u32(type)
    for (const { type } of appended.functions) out.u32(type)
  })
  if (parts.tables.length > 0) section(4, () => writeTables(out, parts, write))
  copied(13)
  if (parts.globals.length > 0) section(6, () => writeGlobals(out, parts, write))
  section(7, () => writeExports(out, parts, layout))
  const elements = parts.raw.get(9)
  if (elements !== undefined) section(9, () => writeElements(elements, out, segments))
  copied(12)
  if (!write.hints.isEmpty) {
    section(0, () => {
      writeText(out, hintsSection)
      write.hints.write(out)
    })
  }
  section(10, () => {
    out.u32(parts.functions.length + appended.functions.length)
    out.copy(write.code, 0, write.code.length)
    for (const { body } of appended.functions) {
      out.u32(body.length)
      out.copy(body, 0, body.length)
    }
  })
  const data = parts.raw.get(11)
  if (data !== undefined) section(11, () => writeData(data, out, segments))
  const names = parts.customs.find(({ name }) => name === 'name')?.content
  const given = names === undefined ? undefined : new Reader(parts.bytes, names.start, names.end)
  section(0, () => writeNames(given, out, { layout, appended: appended.functions }))
  return out.bytes.subarray(0, out.at)
}

const codeBytes = ({ raw }: ModuleParts): number => {
  const code = raw.get(10)
  return code === undefined ? 0 : code.end - code.at
}

const copyRange = (out: Output, { bytes }: ModuleParts, { start, end }: Range): void => out.copy(bytes, start, end)

const writeTypes = (out: Output, parts: ModuleParts, appended: Appended): void => {
  const { entries, range } = parts.typeSection
  out.u32(entries + appended.types.length)
  copyRange(out, parts, range)
  for (const type of appended.types) out.raw(type)
}

const writeImports = (out: Output, parts: ModuleParts, { layout, memories }: ToWrite): void => {
  const hole = out.hole()
  let count = 0
  let functions = 0
  for (const entry of parts.imports) {
    if (entry.kind === 'function' && layout.imports[functions++] === -1) continue
    copyRange(out, parts, entry.whole)
    count++
  }
  const add = (name: string, ...description: readonly number[]): void => {
    writeText(out, meterNamespace)
    writeText(out, name)
    out.raw(description)
    count++
  }
  const addFunction = (name: string, type: number): void => {
    add(name, kind.function)
    out.u32(type)
  }
  addFunction('interrupt', layout.types.interrupt)
  addFunction('yield', layout.types.nothing)
  const imported = layout.counts.memories - memories.length
  for (const [index, size] of memories.entries()) {
    add(memoryImport(imported + index), kind.memory)
    writeSizeLimits(out, size)
  }
  if (layout.blocksMemory >= 0) add('blocks', kind.memory, 0, 1)
  add('epoch', kind.memory, 3, 1, 1)
  const { i32, i64 } = valueTypes
  add('state', kind.global, i32, mutable)
  if (layout.fuel >= 0) add('fuel', kind.global, i64, mutable)
  if (layout.allocation >= 0) add('allocation', kind.global, i64, mutable)
  if (layout.inputOffset >= 0) {
    add('input-offset', kind.global, i64, mutable)
    add('input-length', kind.global, i64, mutable)
    add('blocks-end', kind.global, i64, mutable)
  }
  out.patch(hole, count)
}

const writeTables = (out: Output, parts: ModuleParts, { layout, context, tables }: ToWrite): void => {
  out.u32(parts.tables.length)
  for (const [index, { head, size, init }] of parts.tables.entries()) {
    copyRange(out, parts, head)
    writeSizeLimits(out, tables[index] ?? size)
    if (init.end > init.start) writeConstExpression({ bytes: parts.bytes, ...init }, out, { layout, context })
  }
}

const writeGlobals = (out: Output, parts: ModuleParts, { layout, context }: ToWrite): void => {
  out.u32(parts.globals.length)
  for (const { type, init } of parts.globals) {
    copyRange(out, parts, type)
    writeConstExpression({ bytes: parts.bytes, ...init }, out, { layout, context })
  }
}

/** Indexes of the mutable globals whose values are exported; undefined when not all of the state would be in them. */
export const exportedGlobals = ({ globals, imports, typeSection }: ModuleParts): readonly number[] | undefined => {
  const first = imports.reduce((count, entry) => count + (entry.kind === 'global' ? 1 : 0), 0)
  const isWhole = (global: GlobalEntry): boolean => !global.isMutable || global.isPlain
  const mutableOnes = globals.flatMap((global, index) => (global.isMutable ? [first + index] : []))
  const hasObjects = typeSection.types.some(({ form }) => form !== 'function')
  return hasObjects || !globals.every(isWhole) || mutableOnes.length > mostGlobalExports ? undefined : mutableOnes
}

const writeExports = (out: Output, parts: ModuleParts, layout: Layout): void => {
  const globals = exportedGlobals(parts) ?? []
  out.u32(parts.exports.length + globals.length + (parts.start === undefined ? 0 : 1))
  for (const { head, kind: entryKind, index } of parts.exports) {
    copyRange(out, parts, head)
    out.byte(externalKinds.indexOf(entryKind))
    if (entryKind === 'function') out.u32(layout.function(index))
    else if (entryKind === 'global') out.u32(layout.global(index))
    else if (entryKind === 'memory') out.u32(layout.memory(index))
    else out.u32(index)
  }
  for (const index of globals) {
    writeText(out, globalExport(index))
    out.byte(kind.global)
    out.u32(layout.global(index))
  }
  if (parts.start !== undefined) {
    writeText(out, startExport)
    out.byte(kind.function)
    out.u32(layout.function(parts.start))
  }
}
