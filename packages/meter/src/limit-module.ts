// wasm bytes in, wasm bytes out: the maximum of every memory and table becomes what the limits allow, so that the engine
// itself enforces it, and modules that could escape the limits are refused. Nothing is executed, nothing is compiled.

import { type Fault, feature, invalid, ModuleFault } from './fault.ts'
import { skipConstExpression } from './const-expression.ts'
import { watchGrowth } from './grow-watch.ts'
import { capSizeLimits, readSizeLimits, type SizeLimits, writeSizeLimits } from './limits.ts'
import { Reader } from './reader.ts'
import { type Arity, readFunctionType, skipReferenceType, skipValueType } from './value-types.ts'
import { Writer } from './writer.ts'

/** Limits to build into a module. */
export interface ModuleLimits {
  /** Pages of 64 KiB of the module's own memory. */
  readonly maxMemoryPages: number
  /** Elements of all tables together. */
  readonly maxTableElements: number
  /** Largest module, bytes. */
  readonly maxModuleBytes: number
}

/** A module with its limits built in, and what its loader must know of it. */
export interface LimitedModule {
  readonly bytes: Uint8Array
  /** The memory that it imports, if it does: whoever supplies it sets the maximum. */
  readonly importedMemory: SizeLimits | undefined
  /** The memory of its own, after capping. */
  readonly ownMemory: SizeLimits | undefined
  /** Whether it imports a table: whoever supplies it sets the maximum. */
  readonly importsTable: boolean
  /** Whether something of it runs when it is instantiated. */
  readonly hasStart: boolean
  /** The functions that it exports, with their arities. */
  readonly functionExports: readonly FunctionExport[]
}

/** An exported function. */
export interface FunctionExport extends Arity {
  readonly name: string
}

/** What became of a module. */
export type LimitResult =
  | { readonly ok: true; readonly module: LimitedModule }
  | { readonly ok: false; readonly fault: Fault }

/** Limits that suit most plugins; the memory's are the caller's. */
export const defaultModuleLimits = { maxTableElements: 200_000, maxModuleBytes: 64 * 1024 * 1024 }

const most = {
  types: 100_000,
  values: 1000,
  imports: 10_000,
  functions: 500_000,
  tables: 64,
  tags: 10_000,
  exports: 100_000,
  /** Values that one exception carries: exceptions live on the engine's heap, which no limit of ours counts. */
  exceptionValues: 16,
  sections: 10_000,
}

/** Prefix of the names of imports and exports that only the meter itself may add. */
const reserved = 'bulkhead:meter'

/** Section ids in the order that they must have; custom sections (0) may stand anywhere. */
const sectionOrder = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]
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

interface Found {
  readonly types: Arity[]
  /** Type index of each function, imported ones first. */
  readonly functions: number[]
  readonly functionExports: FunctionExport[]
  importedGlobals: number
  importedMemory: SizeLimits | undefined
  ownMemory: SizeLimits | undefined
  importsTable: boolean
  hasStart: boolean
}

/** Builds the limits into a module. Never throws: a refusal is a value. */
export const limitModule = (bytes: Uint8Array, limits: ModuleLimits): LimitResult => {
  try {
    return { ok: true, module: rewrite(bytes, limits) }
  } catch (thrown) {
    if (thrown instanceof ModuleFault) return { ok: false, fault: { code: thrown.code, message: thrown.message } }
    throw thrown
  }
}

const rewrite = (bytes: Uint8Array, limits: ModuleLimits): LimitedModule => {
  const reader = new Reader(bytes)
  checkHeader(bytes, limits)
  reader.skip(8, 'the header')
  const found: Found = {
    types: [],
    functions: [],
    functionExports: [],
    importedGlobals: 0,
    importedMemory: undefined,
    ownMemory: undefined,
    importsTable: false,
    hasStart: false,
  }
  const sections = new Map<number, Uint8Array>()
  let names: Uint8Array | undefined
  let place = -1
  for (let count = 0; !reader.done; count++) {
    if (count === most.sections) throw invalid(`the module has more than ${most.sections} sections`)
    const id = reader.byte('a section')
    const name = id === 0 ? 'custom' : sectionNames[id]
    if (name === undefined) throw invalid(`the module has a section of an unknown kind (${id})`)
    const body = reader.within(reader.u32(`the length of the ${name} section`), `the ${name} section`)
    const raw = bytes.subarray(body.at, body.end)
    if (id === 0) {
      // Names make traps readable; other custom sections (debugging data, hints to the engine) serve no run.
      if (body.name('the name of a custom section') === 'name') names = raw
      continue
    }
    const nextPlace = sectionOrder.indexOf(id)
    if (nextPlace <= place) throw invalid(`the ${name} section is out of order or stands twice`)
    place = nextPlace
    sections.set(id, readSection(id, body, { found, limits })?.join() ?? raw)
  }
  watchGrowth({
    sections,
    types: found.types.length,
    functions: found.functions.length,
    importedGlobals: found.importedGlobals,
  })
  const { importedMemory, ownMemory, importsTable, hasStart, functionExports } = found
  const joined = joinSections(bytes.subarray(0, 8), sections, names)
  return { bytes: joined, importedMemory, ownMemory, importsTable, hasStart, functionExports }
}

const joinSections = (header: Uint8Array, sections: ReadonlyMap<number, Uint8Array>, names: Uint8Array | undefined) => {
  const writer = new Writer().raw(header)
  for (const id of sectionOrder) {
    const body = sections.get(id)
    if (body !== undefined) writer.section(id, body)
  }
  return (names === undefined ? writer : writer.section(0, names)).join()
}

const checkHeader = (bytes: Uint8Array, limits: ModuleLimits): void => {
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0x61 || bytes[2] !== 0x73 || bytes[3] !== 0x6d) {
    throw new ModuleFault('artifact.not-wasm', 'the file does not start with the bytes 00 61 73 6d')
  }
  if (bytes.length > limits.maxModuleBytes) {
    throw new ModuleFault(
      'artifact.too-large',
      `the module is ${bytes.length} bytes; at most ${limits.maxModuleBytes} are taken`,
    )
  }
  if (bytes.length < 8) throw invalid('the module ends inside its header')
  if (bytes[4] === 1 && bytes[5] === 0 && bytes[6] === 0 && bytes[7] === 0) return
  if (bytes[6] === 1) throw feature('the file is a component, not a core module')
  throw invalid(`the module has version ${bytes[4]} of the binary format; version 1 is known`)
}

/** Reads one section; answers its new body when it must change. */
const readSection = (id: number, body: Reader, state: { found: Found; limits: ModuleLimits }): Writer | undefined => {
  const { found, limits } = state
  let replaced: Writer | undefined
  switch (id) {
    case 1: {
      const count = body.count('types', most.types)
      for (let index = 0; index < count; index++) found.types.push(readFunctionType(body, most.values))
      break
    }
    case 2: {
      const count = body.count('imports', most.imports)
      for (let index = 0; index < count; index++) readImport(body, found)
      break
    }
    case 3: {
      const count = body.count('functions', most.functions)
      for (let index = 0; index < count; index++) found.functions.push(body.u32('the type of a function'))
      break
    }
    case 4:
      replaced = limitTables(body, limits)
      break
    case 5:
      replaced = limitMemories(body, state)
      break
    case 7: {
      const count = body.count('exports', most.exports)
      for (let index = 0; index < count; index++) readExport(body, found)
      break
    }
    case 13: {
      const count = body.count('tags', most.tags)
      for (let index = 0; index < count; index++) readTag(body, found)
      break
    }
    case 8:
      found.hasStart = true
      body.u32('the start function')
      break
    // What remains holds no limits; the engine validates it.
    default:
      return undefined
  }
  if (!body.done) throw invalid(`the ${sectionNames[id]} section is longer than what it holds`)
  return replaced
}

const readImport = (body: Reader, found: Found): void => {
  const module = body.name('the module of an import')
  body.name('the name of an import')
  if (module.startsWith(reserved)) throw feature(`the module imports from ${reserved}, which is kept for the host`)
  const kind = body.byte('an import')
  switch (kind) {
    case 0:
      found.functions.push(body.u32('the type of an imported function'))
      return
    case 1:
      skipReferenceType(body, 'table', 'the type of an imported table')
      readSizeLimits(body, 'table')
      found.importsTable = true
      return
    case 2:
      if (found.importedMemory !== undefined) throw manyMemories()
      found.importedMemory = readSizeLimits(body, 'memory')
      return
    case 3:
      skipValueType(body, 'the type of an imported global')
      body.byte('the mutability of an imported global')
      found.importedGlobals++
      return
    case 4:
      readTag(body, found)
      return
    default:
      throw invalid(`an import is of an unknown kind (${kind})`)
  }
}

const readTag = (body: Reader, found: Found): void => {
  if (body.byte('the attribute of a tag') !== 0) throw invalid('a tag has an unknown attribute')
  const type = found.types[body.u32('the type of a tag')]
  if (type === undefined) throw invalid('a tag has a type that does not exist')
  if (type.parameters > most.exceptionValues) {
    throw feature(`the module has exceptions of ${type.parameters} values; at most ${most.exceptionValues} are taken`)
  }
}

const readExport = (body: Reader, found: Found): void => {
  const name = body.name('the name of an export')
  if (name.startsWith(reserved)) throw feature(`the module exports ${reserved}…, which is kept for the host`)
  const kind = body.byte('an export')
  const index = body.u32('the index of an export')
  if (kind !== 0) return
  const type = found.types[found.functions[index] ?? -1]
  if (type === undefined) throw invalid('an export names a function that does not exist')
  found.functionExports.push({ name, ...type })
}

const manyMemories = (): ModuleFault => feature('the module has more than one memory (multi-memory)')

const limitMemories = (body: Reader, { found, limits }: { found: Found; limits: ModuleLimits }): Writer => {
  const count = body.count('memories', 100)
  if (count + (found.importedMemory === undefined ? 0 : 1) > 1) throw manyMemories()
  const writer = new Writer().u32(count)
  for (let index = 0; index < count; index++) {
    const [capped] = capSizeLimits([readSizeLimits(body, 'memory')], limits.maxMemoryPages, 'pages of memory')
    if (capped === undefined) continue
    found.ownMemory = capped
    writeSizeLimits(writer, capped)
  }
  return writer
}

const limitTables = (body: Reader, limits: ModuleLimits): Writer => {
  const count = body.count('tables', most.tables)
  const tables: { head: Uint8Array; size: SizeLimits; init: Uint8Array }[] = []
  for (let index = 0; index < count; index++) {
    const start = body.at
    const hasInit = body.bytes[body.at] === 0x40
    if (hasInit) {
      body.byte('a table')
      if (body.byte('a table') !== 0) throw invalid('a table has unknown flags')
    }
    skipReferenceType(body, 'table', 'the type of a table')
    const head = body.bytes.subarray(start, body.at)
    const size = readSizeLimits(body, 'table')
    const initStart = body.at
    if (hasInit) skipConstExpression(body)
    tables.push({ head, size, init: body.bytes.subarray(initStart, body.at) })
  }
  const capped = capSizeLimits(
    tables.map((table) => table.size),
    limits.maxTableElements,
    'table elements',
  )
  const writer = new Writer().u32(count)
  for (const [index, table] of tables.entries()) {
    writer.raw(table.head)
    writeSizeLimits(writer, capped[index] ?? table.size)
    writer.raw(table.init)
  }
  return writer
}
