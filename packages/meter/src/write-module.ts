// Puts a module together again: its own declarations with moved indexes, and what the meter adds.

import type { Appended } from './appended.ts'
import type { Layout } from './layout.ts'
import { type SizeLimits, writeSizeLimits } from './limits.ts'
import { rewriteNames } from './name-section.ts'
import { globalExport, memoryImport, meterNamespace, startExport } from './names.ts'
import { Output } from './output.ts'
import { externalKinds, type ModuleParts, type Range } from './read-module.ts'
import { rewriteConstExpression, rewriteData, rewriteElements } from './rewrite-segments.ts'
import { Reader } from './reader.ts'

/** What is written beside what was read. */
export interface ToWrite {
  readonly layout: Layout
  readonly appended: Appended
  /** Rewritten bodies, each with its length. */
  readonly code: Uint8Array
  /** See {@link RewrittenCode.hints}. */
  readonly hints: readonly (readonly number[])[]
  /** Capped. */
  readonly memories: readonly SizeLimits[]
  /** Capped. */
  readonly tables: readonly SizeLimits[]
}

const kind = { function: 0, memory: 2, global: 3 } as const
const i32 = 0x7f
const i64 = 0x7e
const mutable = 1
const unlikely = 0

/** Custom sections that speak of places in the code, which have moved. */
const dropped = /^(?:name$|metadata\.code\.|reloc\.|linking$|\.debug_|external_debug_info$)/

/** The whole module. @throws ModuleFault */
export const writeModule = (parts: ModuleParts, write: ToWrite): Uint8Array => {
  const out = new Output(parts.bytes.length + write.code.length + 4096)
  out.raw(parts.bytes.subarray(0, 8))
  const section = (id: number, body: (out: Output) => void): void => {
    const content = new Output(1024)
    body(content)
    out.byte(id)
    out.u32(content.at)
    out.copy(content.bytes, 0, content.at)
  }
  const { layout, appended } = write
  section(1, (body) => writeTypes(body, parts, appended))
  section(2, (body) => writeImports(body, parts, write))
  section(3, (body) => {
    body.u32(parts.functions.length + appended.functions.length)
    for (const type of parts.functions) body.u32(layout.type(type))
    for (const { type } of appended.functions) body.u32(type)
  })
  if (parts.tables.length > 0) section(4, (body) => writeTables(body, parts, write))
  const tags = parts.raw.get(13)
  if (tags !== undefined) section(13, (body) => body.copy(tags.bytes, tags.at, tags.end))
  if (parts.globals.length > 0) section(6, (body) => writeGlobals(body, parts, layout))
  section(7, (body) => writeExports(body, parts, layout))
  const elements = parts.raw.get(9)
  if (elements !== undefined) section(9, (body) => rewriteElements(elements, body, layout))
  const count = parts.raw.get(12)
  if (count !== undefined) section(12, (body) => body.copy(count.bytes, count.at, count.end))
  section(0, (body) => writeHints(body, write))
  section(10, (body) => {
    body.u32(parts.functions.length + appended.functions.length)
    body.copy(write.code, 0, write.code.length)
    for (const added of appended.functions) {
      body.u32(added.body.length)
      body.raw(added.body)
    }
  })
  const data = parts.raw.get(11)
  if (data !== undefined) section(11, (body) => rewriteData(data, body, layout))
  for (const custom of parts.customs) {
    if (custom.name === 'name') {
      const { start, end } = custom.content
      const names = rewriteNames(new Reader(parts.bytes, start, end), layout)
      if (names !== undefined) section(0, (body) => body.raw(names))
    } else if (!dropped.test(custom.name)) {
      section(0, (body) => body.copy(parts.bytes, custom.body.start, custom.body.end))
    }
  }
  return out.taken()
}

/** Branch hinting (metadata.code.branch_hint): without it the slow paths would weigh on the registers of every loop. */
const writeHints = (out: Output, { layout, hints }: ToWrite): void => {
  writeName(out, 'metadata.code.branch_hint')
  out.u32(hints.reduce((count, offsets) => count + (offsets.length > 0 ? 1 : 0), 0))
  for (const [index, offsets] of hints.entries()) {
    if (offsets.length === 0) continue
    out.u32(layout.function(layout.counts.importedFunctions + index))
    out.u32(offsets.length)
    for (const offset of offsets) {
      out.u32(offset)
      out.raw([1, unlikely])
    }
  }
}

const copyRange = (out: Output, parts: ModuleParts, { start, end }: Range): void => out.copy(parts.bytes, start, end)

const writeTypes = (out: Output, parts: ModuleParts, appended: Appended): void => {
  out.u32(parts.types.length + appended.types.length)
  const first = parts.typeBytes[0]
  const last = parts.typeBytes.at(-1)
  if (first !== undefined && last !== undefined) out.copy(parts.bytes, first.start, last.end)
  for (const type of appended.types) out.raw(type)
}

const writeName = (out: Output, name: string): void => {
  // Ours are ASCII.
  out.u32(name.length)
  for (let index = 0; index < name.length; index++) out.byte(name.charCodeAt(index))
}

const writeImports = (out: Output, parts: ModuleParts, { layout, memories }: ToWrite): void => {
  let count = 0
  const body = new Output(1024)
  let functions = 0
  for (const entry of parts.imports) {
    if (entry.kind === 'function' && layout.imports[functions++] === -1) continue
    copyRange(body, parts, entry.whole)
    count++
  }
  const add = (name: string, write: () => void): void => {
    writeName(body, meterNamespace)
    writeName(body, name)
    write()
    count++
  }
  const addFunction = (name: string, type: number): void =>
    add(name, () => {
      body.byte(kind.function)
      body.u32(type)
    })
  const addGlobal = (name: string, type: number): void => add(name, () => body.raw([kind.global, type, mutable]))
  addFunction('interrupt', layout.types.interrupt)
  addFunction('yield', layout.types.nothing)
  const imported = layout.counts.memories - memories.length
  for (const [index, size] of memories.entries()) {
    add(memoryImport(imported + index), () => {
      body.byte(kind.memory)
      writeSizeLimits(body, size)
    })
  }
  if (layout.blocksMemory >= 0) add('blocks', () => body.raw([kind.memory, 0, 1]))
  add('epoch', () => body.raw([kind.memory, 3, 1, 1]))
  addGlobal('state', i32)
  if (layout.fuel >= 0) addGlobal('fuel', i64)
  if (layout.inputOffset >= 0) {
    addGlobal('input-offset', i64)
    addGlobal('input-length', i64)
  }
  out.u32(count)
  out.copy(body.bytes, 0, body.at)
}

const writeTables = (out: Output, parts: ModuleParts, { layout, tables }: ToWrite): void => {
  out.u32(parts.tables.length)
  for (const [index, table] of parts.tables.entries()) {
    copyRange(out, parts, table.head)
    writeSizeLimits(out, tables[index] ?? table.size)
    if (table.init.end > table.init.start) {
      rewriteConstExpression(new Reader(parts.bytes, table.init.start, table.init.end), out, layout)
    }
  }
}

const writeGlobals = (out: Output, parts: ModuleParts, layout: Layout): void => {
  out.u32(parts.globals.length)
  for (const { type, init } of parts.globals) {
    copyRange(out, parts, type)
    rewriteConstExpression(new Reader(parts.bytes, init.start, init.end), out, layout)
  }
}

const writeExports = (out: Output, parts: ModuleParts, layout: Layout): void => {
  const imported = layout.counts.importedGlobals
  const plain = parts.globals.flatMap(({ isMutable, isPlain }, index) => (isMutable && isPlain ? [imported + index] : []))
  out.u32(parts.exports.length + plain.length + (parts.start === undefined ? 0 : 1))
  for (const entry of parts.exports) {
    copyRange(out, parts, entry.head)
    out.byte(externalKinds.indexOf(entry.kind))
    if (entry.kind === 'function') out.u32(layout.function(entry.index))
    else if (entry.kind === 'global') out.u32(layout.global(entry.index))
    else if (entry.kind === 'memory') out.u32(layout.memory(entry.index))
    else out.u32(entry.index)
  }
  for (const index of plain) {
    writeName(out, globalExport(index))
    out.byte(kind.global)
    out.u32(layout.global(index))
  }
  if (parts.start !== undefined) {
    writeName(out, startExport)
    out.byte(kind.function)
    out.u32(layout.function(parts.start))
  }
}
