// Reads the sections that hold limits, types, imports or exports, and writes those anew whose limits change. Sections
// that hold neither are left to the engine to validate.

import { skipConstExpression } from './const-expression.ts'
import { feature, invalid, type ModuleFault } from './fault.ts'
import { capSizeLimits, readSizeLimits, type SizeLimits, writeSizeLimits } from './limits.ts'
import type { Reader } from './reader.ts'
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

/** An exported function. */
export interface FunctionExport extends Arity {
  readonly name: string
}

/** Caps on counts. */
export const most = {
  types: 100_000,
  values: 1000,
  imports: 10_000,
  functions: 500_000,
  tables: 64,
  tags: 10_000,
  globals: 1_000_000,
  exports: 100_000,
  /** Values that one exception carries: exceptions live on the engine's heap, which no limit of ours counts. */
  exceptionValues: 16,
  sections: 10_000,
}

/** Prefix of the names of imports and exports that only the meter itself may add. */
const reserved = 'bulkhead:meter'

/** Section names by id. */
export const sectionNames: Record<number, string> = {
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

/** What the sections told. */
export interface Found {
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

/** Reads one section; answers its new body when it must change. */
export const readSection = (
  id: number,
  body: Reader,
  state: { found: Found; limits: ModuleLimits },
): Writer | undefined => {
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
    case 6: {
      const count = body.count('globals', most.globals)
      for (let index = 0; index < count; index++) readGlobal(body)
      break
    }
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
      readGlobalType(body)
      found.importedGlobals++
      return
    case 4:
      readTag(body, found)
      return
    default:
      throw invalid(`an import is of an unknown kind (${kind})`)
  }
}

/** A global that holds an exception keeps what it carries alive: memory that no limit counts, as in a table. */
const readGlobalType = (body: Reader): void => {
  skipValueType(body, 'the type of a global', 'kept')
  body.byte('the mutability of a global')
}

const readGlobal = (body: Reader): void => {
  readGlobalType(body)
  skipConstExpression(body)
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
