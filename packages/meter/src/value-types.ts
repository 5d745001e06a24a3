// Value and reference types (5.3): read, and refused where they belong to a feature that is off.

import { feature, invalid } from './fault.ts'
import type { Features } from './features.ts'
import type { Reader } from './reader.ts'

/** Codes of value types. */
export const valueTypes = { i32: 0x7f, i64: 0x7e, f32: 0x7d, f64: 0x7c, v128: 0x7b, exnref: 0x69 } as const

/** none, any, eq, i31, struct, array. */
const garbageCollected = new Set([0x71, 0x6e, 0x6d, 0x6c, 0x6b, 0x6a])
/** func, extern, nofunc, noextern. */
const allowedHeapTypes = new Set([0x70, 0x6f, 0x73, 0x72])
/** exn, noexn. */
const exceptionTypes = new Set([0x69, 0x74])
const numberTypes = new Set<number>([valueTypes.i32, valueTypes.i64, valueTypes.f32, valueTypes.f64, valueTypes.v128])

/** Whether the value type that begins at an index is one of exceptions. */
export const isExceptionType = (bytes: Uint8Array, at = 0): boolean => {
  const first = bytes[at]
  return exceptionTypes.has((first === 0x63 || first === 0x64 ? bytes[at + 1] : first) as number)
}

/** Where a type stands: what outlives a call frame may hold no exceptions, for each holds memory that no limit counts. */
export type TypePlace = 'value' | 'table' | 'global' | 'field'

const places: Readonly<Record<Exclude<TypePlace, 'value'>, string>> = {
  table: 'a table of exceptions',
  global: 'a global that holds an exception',
  field: 'a struct or array that holds exceptions',
}

/** What types are read under. */
export interface TypeContext {
  readonly features: Features
  readonly place?: TypePlace
  /** Types that there are: an index must be below. */
  readonly types: number
  /** Set when a type of exceptions is met: in code, V8 takes it for the standard encoding of exception handling. */
  readonly met?: { exceptions: boolean }
}

/** Skips a heap type. @throws ModuleFault */
export const skipHeapType = (
  reader: Reader,
  what: string,
  { features, place = 'value', types, met }: TypeContext,
): void => {
  const first = reader.bytes[reader.at]
  if (first === undefined || reader.done) throw invalid(`the module ends inside ${what} (at byte ${reader.at})`)
  if (garbageCollected.has(first)) {
    if (features.gc !== true) throw noGarbageCollection()
    reader.at++
  } else if (exceptionTypes.has(first)) {
    if (place !== 'value') throw feature(`the module has ${places[place]}`)
    if (met !== undefined) met.exceptions = true
    reader.at++
  } else if (allowedHeapTypes.has(first)) reader.at++
  else if (first === 0x65) throw feature('the module uses shared types (threads)')
  else if (first < 0x40 || first >= 0x80) {
    // A signed number of 33 bits; one that is not negative reads the same as unsigned.
    const index = reader.u32(what)
    if (index >= types) throw invalid(`${what} is type ${index}, which does not exist`)
  } else throw feature(`the module uses a reference type that is off (0x${first.toString(16)})`)
}

/** A module that needs the switch for garbage collection. */
export const noGarbageCollection = (): Error =>
  feature(
    'the module uses garbage-collected types (wasm GC), which are off: they live outside of linear memory. The operator can allow them with policy.features.gc',
  )

/** Skips a reference type. @throws ModuleFault */
export const skipReferenceType = (reader: Reader, what: string, context: TypeContext): void => {
  const first = reader.bytes[reader.at]
  if (first === 0x63 || first === 0x64) {
    reader.byte(what)
    skipHeapType(reader, what, context)
    return
  }
  if (first !== undefined && first >= 0x40 && first < 0x80) {
    skipHeapType(reader, what, context)
    return
  }
  throw invalid(`${what} is not a reference type (at byte ${reader.at})`)
}

/** Skips a value type. @throws ModuleFault */
export const skipValueType = (reader: Reader, what: string, context: TypeContext): void => {
  const first = reader.bytes[reader.at]
  if (first !== undefined && numberTypes.has(first)) reader.byte(what)
  else skipReferenceType(reader, what, context)
}
