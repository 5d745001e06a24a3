// Reads single declarations: imports, tables, globals, tags, exports.

import { type ConstContext, readConstExpression } from './const-expression.ts'
import { feature, invalid } from './fault.ts'
import { readSizeLimits, type SizeLimits } from './limits.ts'
import { type ExportEntry, externalKinds, type GlobalEntry, type ImportEntry, type TableEntry } from './module-parts.ts'
import { meterNamespace } from './names.ts'
import type { Reader } from './reader.ts'
import { arityOf } from './type-section.ts'
import { skipReferenceType, skipValueType, type TypeContext, type TypePlace } from './value-types.ts'

/** Values that one exception carries: exceptions live on the engine's heap, which no limit of ours counts. */
const mostExceptionValues = 16

const typesFor = ({ features, types }: ConstContext, place: TypePlace): TypeContext => ({
  features,
  types: types.length,
  place,
})

/** @throws ModuleFault, also for what imports from the meter's namespace */
export const readImport = (body: Reader, context: ConstContext): ImportEntry => {
  const start = body.at
  const module = body.name('the module of an import')
  const name = body.name('the name of an import')
  // By field as well: where modules are linked, what the meter exports from one is not another's to import.
  if (module.startsWith(meterNamespace) || name.startsWith(meterNamespace)) {
    throw feature(`the module imports from ${meterNamespace}, which is kept for the host`)
  }
  const code = body.byte('an import')
  const kind = externalKinds[code]
  let type = -1
  let memory: SizeLimits | undefined
  let table: TableEntry | undefined
  switch (kind) {
    case 'function':
      type = body.u32('the type of an imported function')
      if (context.types[type]?.form !== 'function')
        throw invalid('an imported function has a type that is none of a function')
      break
    case 'table':
      table = readTableType(body, context, body.at)
      break
    case 'memory':
      memory = readSizeLimits(body, 'memory', context.features)
      break
    case 'global':
      readGlobalType(body, context)
      break
    case 'tag':
      readTag(body, context)
      break
    default:
      throw invalid(`an import is of an unknown kind (${code})`)
  }
  return { module, name, kind, type, memory, table, whole: { start, end: body.at } }
}

/** A table of the module's own. @throws ModuleFault */
export const readTable = (body: Reader, context: ConstContext): TableEntry => {
  const start = body.at
  if (body.bytes[body.at] !== 0x40) return readTableType(body, context, start)
  body.byte('a table')
  if (body.byte('a table') !== 0) throw invalid('a table has unknown flags')
  const table = readTableType(body, context, start)
  const initStart = body.at
  readConstExpression(body, context)
  return { ...table, init: { start: initStart, end: body.at } }
}

const readTableType = (body: Reader, context: ConstContext, start: number): TableEntry => {
  const typeStart = body.at
  skipReferenceType(body, 'the type of a table', typesFor(context, 'table'))
  const typeEnd = body.at
  return {
    head: { start, end: typeEnd },
    element: { start: typeStart, end: typeEnd },
    size: readSizeLimits(body, 'table', context.features),
    init: { start: body.at, end: body.at },
  }
}

const readGlobalType = (body: Reader, context: ConstContext): Pick<GlobalEntry, 'isPlain' | 'isMutable'> => {
  const first = body.bytes[body.at] ?? 0
  skipValueType(body, 'the type of a global', typesFor(context, 'global'))
  const mutability = body.byte('the mutability of a global')
  if (mutability > 1) throw invalid('a global is of an unknown mutability')
  return { isPlain: first >= 0x7c && first <= 0x7f, isMutable: mutability === 1 }
}

/** A global of the module's own. @throws ModuleFault */
export const readGlobal = (body: Reader, context: ConstContext): GlobalEntry => {
  const start = body.at
  const facts = readGlobalType(body, context)
  const end = body.at
  readConstExpression(body, context)
  return { type: { start, end }, init: { start: end, end: body.at }, ...facts }
}

/** A tag. @throws ModuleFault, also for exceptions that carry much, or other exceptions */
export const readTag = (body: Reader, context: ConstContext): void => {
  if (body.byte('the attribute of a tag') !== 0) throw invalid('a tag has an unknown attribute')
  const type = context.types[body.u32('the type of a tag')]
  if (type?.form !== 'function') throw invalid('a tag has a type that is none of a function')
  if (arityOf(type).parameters > mostExceptionValues) {
    throw feature(`the module has exceptions of ${type.parameters} values; at most ${mostExceptionValues} are taken`)
  }
  if (type.takesExceptions) throw feature('the module has exceptions that hold exceptions')
}

/** @throws ModuleFault, also for names of the meter's namespace */
export const readExport = (body: Reader): ExportEntry => {
  const start = body.at
  const name = body.name('the name of an export')
  if (name.startsWith(meterNamespace))
    throw feature(`the module exports ${meterNamespace}…, which is kept for the host`)
  const head = { start, end: body.at }
  const code = body.byte('an export')
  const kind = externalKinds[code]
  if (kind === undefined) throw invalid(`an export is of an unknown kind (${code})`)
  return { name, kind, index: body.u32('the index of an export'), head }
}
