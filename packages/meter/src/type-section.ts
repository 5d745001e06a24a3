// The type section (5.5.4, with recursion groups and subtypes): how many values functions take and give, and how many bytes
// a struct or an array takes on the engine's heap.

import { feature, invalid } from './fault.ts'
import type { Features } from './features.ts'
import type { Reader } from './reader.ts'
import { isExceptionType, noGarbageCollection, skipValueType, type TypeContext, valueTypes } from './value-types.ts'

/** How many values a function takes and gives. */
export interface Arity {
  readonly parameters: number
  readonly results: number
}

/** A range of bytes. */
export interface Range {
  readonly start: number
  readonly end: number
}

/** A function type. */
export interface FunctionType extends Arity {
  readonly form: 'function'
  /** All of it, from its form on. */
  readonly whole: Range
  /** Whether a parameter is an exception. */
  readonly takesExceptions: boolean
  /** The types of its results, without their count. */
  readonly resultTypes: Range
}

/** A struct: its bytes on the engine's heap. */
export interface StructType {
  readonly form: 'struct'
  readonly bytes: number
  readonly fields: number
}

/** An array: bytes of one element, and its type as stored. */
export interface ArrayType {
  readonly form: 'array'
  readonly elementBytes: number
  readonly element: Range
}

/** An entry of the type section. */
export type TypeEntry = FunctionType | StructType | ArrayType

/** Bytes of a struct before its fields, and of an array before its elements, as V8 lays them out in 64-bit builds. */
export const headerBytes = { struct: 16, array: 24 } as const

const most = { types: 100_000, values: 1000, fields: 2000, supertypes: 1 }

const noFunctions: Arity = { parameters: 0, results: 0 }

/** Values that a type takes and gives; nothing unless it is a function. */
export const arityOf = (type: TypeEntry | undefined): Arity => (type?.form === 'function' ? type : noFunctions)

/** The section: its types, and the bytes of its entries, of which a group of recursion is one. */
export interface TypeSection {
  readonly types: readonly TypeEntry[]
  readonly entries: number
  readonly range: Range
}

/** Reads the section. @throws ModuleFault */
export const readTypes = (reader: Reader, features: Features): TypeSection => {
  const types: TypeEntry[] = []
  const entries = reader.count('types', most.types)
  const start = reader.at
  for (let index = 0; index < entries; index++) {
    if (reader.bytes[reader.at] !== 0x4e) {
      readSubtype(reader, types, { features, types: types.length + 1 })
      continue
    }
    reader.byte('a group of types')
    if (features.gc !== true) throw noGarbageCollection()
    const count = reader.count('types of a group', most.types - types.length)
    const context = { features, types: types.length + count }
    for (let member = 0; member < count; member++) readSubtype(reader, types, context)
  }
  if (types.length > most.types) throw invalid(`the module has more than ${most.types} types`)
  return { types, entries, range: { start, end: reader.at } }
}

const readSubtype = (reader: Reader, types: TypeEntry[], context: TypeContext): void => {
  let form = reader.byte('a type')
  if (form === 0x50 || form === 0x4f) {
    if (context.features.gc !== true) throw noGarbageCollection()
    const count = reader.count('supertypes', most.supertypes)
    for (let index = 0; index < count; index++) {
      const type = reader.u32('a supertype')
      if (type >= context.types) throw invalid(`a supertype is type ${type}, which does not exist`)
    }
    form = reader.byte('a type')
  }
  types.push(readComposite(form, reader, context))
}

const readComposite = (form: number, reader: Reader, context: TypeContext): TypeEntry => {
  switch (form) {
    case 0x60:
      return readFunction(reader, context)
    case 0x5f:
    case 0x5e:
      if (context.features.gc !== true) throw noGarbageCollection()
      return form === 0x5f ? readStruct(reader, context) : readArray(reader, context)
    case 0x5d:
      throw feature('the module uses continuation types (stack switching)')
    default:
      throw feature(`the module has a type of an unknown form (0x${form.toString(16)})`)
  }
}

const readFunction = (reader: Reader, context: TypeContext): FunctionType => {
  const start = reader.at - 1
  const parameters = reader.count('parameters', most.values)
  let takesExceptions = false
  for (let index = 0; index < parameters; index++) {
    takesExceptions ||= isExceptionType(reader.bytes, reader.at)
    skipValueType(reader, 'the type of a parameter', context)
  }
  const results = reader.count('results', most.values)
  const resultsStart = reader.at
  for (let index = 0; index < results; index++) skipValueType(reader, 'the type of a result', context)
  return {
    form: 'function',
    parameters,
    results,
    whole: { start, end: reader.at },
    takesExceptions,
    resultTypes: { start: resultsStart, end: reader.at },
  }
}

const readStruct = (reader: Reader, context: TypeContext): StructType => {
  const fields = reader.count('fields', most.fields)
  let bytes: number = headerBytes.struct
  for (let index = 0; index < fields; index++) bytes += readField(reader, context)
  return { form: 'struct', bytes: Math.ceil(bytes / 8) * 8, fields }
}

const readArray = (reader: Reader, context: TypeContext): ArrayType => {
  const start = reader.at
  const elementBytes = readField(reader, context)
  return { form: 'array', elementBytes, element: { start, end: reader.at - 1 } }
}

/** Bytes of a field, which is read with its mutability. */
const readField = (reader: Reader, context: TypeContext): number => {
  const code = reader.bytes[reader.at] ?? 0
  if (code === 0x78 || code === 0x77) reader.byte('the type of a field')
  else skipValueType(reader, 'the type of a field', { ...context, place: 'field' })
  if (reader.byte('the mutability of a field') > 1) throw invalid('a field is of an unknown mutability')
  return storageBytes[code] ?? 8
}

const storageBytes: Readonly<Record<number, number>> = {
  0x78: 1,
  0x77: 2,
  [valueTypes.i32]: 4,
  [valueTypes.f32]: 4,
  [valueTypes.i64]: 8,
  [valueTypes.f64]: 8,
  [valueTypes.v128]: 16,
}
