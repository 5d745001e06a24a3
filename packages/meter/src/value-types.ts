// Value and reference types: read, and refused where they belong to a feature that is off.

import { feature, invalid } from './fault.ts'
import type { Reader } from './reader.ts'

const garbageCollected = new Set([0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x71])
const allowedHeapTypes = new Set([0x6f, 0x70, 0x72, 0x73])
const exceptionTypes = new Set([0x69, 0x74])
const numberTypes = new Set([0x7b, 0x7c, 0x7d, 0x7e, 0x7f])

const noGc = (): Error =>
  feature("the module uses garbage-collected types (wasm GC), for which the engine's memory limit does not hold")

/** Where a type stands: what is kept (tables, globals) may hold no exceptions, for each holds memory that no limit counts. */
export type TypePlace = 'value' | 'table' | 'kept'

const skipHeapType = (reader: Reader, place: TypePlace, what: string): void => {
  const first = reader.bytes[reader.at]
  if (first === undefined || reader.done) throw invalid(`the module ends inside ${what} (at byte ${reader.at})`)
  if (garbageCollected.has(first)) throw noGc()
  if (exceptionTypes.has(first)) {
    if (place === 'table') throw feature('the module has a table of exceptions')
    if (place === 'kept') throw feature('the module has a global that holds an exception')
    reader.at++
  } else if (allowedHeapTypes.has(first)) reader.at++
  else if (first === 0x65) throw feature('the module uses shared types (threads)')
  // Otherwise the index of a type, as a signed number of 33 bits that is not negative.
  else if (first < 0x40 || first >= 0x80) reader.skipSigned(33, what)
  else throw feature(`the module uses a reference type that is off (0x${first.toString(16)})`)
}

/** Skips a reference type. @throws ModuleFault */
export const skipReferenceType = (reader: Reader, place: TypePlace, what: string): void => {
  const first = reader.bytes[reader.at]
  if (first === 0x63 || first === 0x64) {
    reader.byte(what)
    skipHeapType(reader, place, what)
    return
  }
  if (first !== undefined && first >= 0x40 && first < 0x80) {
    skipHeapType(reader, place, what)
    return
  }
  throw invalid(`${what} is not a reference type (at byte ${reader.at})`)
}

/** Skips a value type. @throws ModuleFault */
export const skipValueType = (reader: Reader, what: string, place: TypePlace = 'value'): void => {
  const first = reader.bytes[reader.at]
  if (first !== undefined && numberTypes.has(first)) reader.byte(what)
  else skipReferenceType(reader, place, what)
}

/** How many values a function takes and gives. */
export interface Arity {
  readonly parameters: number
  readonly results: number
}

/** A function type; the types of its results as bytes of the binary format. */
export interface FunctionType extends Arity {
  readonly resultTypes: readonly Uint8Array[]
}

/** Reads an entry of the type section; only functions are taken. @throws ModuleFault */
export const readFunctionType = (reader: Reader, mostValues: number): FunctionType => {
  const form = reader.byte('a type')
  if (form === 0x5e || form === 0x5f || form === 0x50 || form === 0x4f || form === 0x4e) throw noGc()
  if (form === 0x5d) throw feature('the module uses continuation types (stack switching)')
  if (form !== 0x60) throw feature(`the module has a type of an unknown form (0x${form.toString(16)})`)
  const parameters = reader.count('parameters', mostValues)
  for (let index = 0; index < parameters; index++) skipValueType(reader, 'the type of a parameter')
  const results = reader.count('results', mostValues)
  const resultTypes: Uint8Array[] = []
  for (let index = 0; index < results; index++) {
    const start = reader.at
    skipValueType(reader, 'the type of a result')
    resultTypes.push(reader.bytes.subarray(start, reader.at))
  }
  return { parameters, results, resultTypes }
}
