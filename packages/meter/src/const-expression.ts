// Constant expressions (WebAssembly core specification, 3.4.13): steps over one, tells what it refers to, and counts what it
// allocates on the engine's heap when the module is instantiated, where nothing can be charged.

import { feature, invalid } from './fault.ts'
import type { Features } from './features.ts'
import type { Layout } from './layout.ts'
import type { Output } from './output.ts'
import { Reader } from './reader.ts'
import { headerBytes, type TypeEntry } from './type-section.ts'
import { noGarbageCollection, skipHeapType } from './value-types.ts'

const what = 'a constant expression'

/** What constant expressions are read under. */
export interface ConstContext {
  readonly features: Features
  readonly types: readonly TypeEntry[]
  /** Bytes that all of them allocate; grows. */
  readonly heap: { bytes: number }
}

/** Called for each reference to a function or a global, when the reader is past it. */
type OnReference = (opcode: number, operandAt: number, index: number) => void

/** Opcodes that refer: global.get, ref.func. */
const globalGet = 0x23
/** See above. */
export const refFunc = 0xd2

/** Steps over one constant expression with its `end`. @throws ModuleFault for an instruction that is not a constant one */
export const readConstExpression = (reader: Reader, context: ConstContext, onReference?: OnReference): void => {
  /** Value of an i32.const right before. */
  let literal: number | undefined
  for (;;) {
    const opcode = reader.byte(what)
    const before = literal
    literal = undefined
    switch (opcode) {
      case 0x0b: // end
        return
      case 0x41: {
        const start = reader.at
        reader.skipSigned(32, what)
        literal = literalOf(reader, start)
        break
      }
      case 0x42: // i64.const
        reader.skipSigned(64, what)
        break
      case 0x43: // f32.const
        reader.skip(4, what)
        break
      case 0x44: // f64.const
        reader.skip(8, what)
        break
      case globalGet:
      case refFunc: {
        const { at } = reader
        const index = reader.u32(what)
        onReference?.(opcode, at, index)
        break
      }
      case 0xd0: // ref.null
        skipHeapType(reader, what, { features: context.features, types: context.types.length })
        break
      case 0x6a: // i32.add, sub, mul and i64.add, sub, mul (extended constant expressions)
      case 0x6b:
      case 0x6c:
      case 0x7c:
      case 0x7d:
      case 0x7e:
        break
      case 0xfb:
        readGarbage(reader, context, before)
        break
      case 0xfd:
        if (reader.u32(what) !== 0x0c) throw invalid(`${what} has a vector instruction that is not a constant`)
        reader.skip(16, what)
        break
      default:
        throw invalid(`${what} has the instruction 0x${opcode.toString(16)}, which is not a constant one`)
    }
  }
}

/** Writes the constant expression that stands in a range, with moved indexes. @throws ModuleFault */
export const writeConstExpression = (
  source: { readonly bytes: Uint8Array; readonly start: number; readonly end: number },
  out: Output,
  { layout, context }: { readonly layout: Layout; readonly context: ConstContext },
): void => {
  const { bytes, start, end } = source
  const reader = new Reader(bytes, start, end)
  let copied = start
  const uncounted = { ...context, heap: { bytes: 0 } }
  readConstExpression(reader, uncounted, (opcode, operandAt, index) => {
    out.copy(bytes, copied, operandAt)
    out.u32(opcode === globalGet ? layout.global(index) : layout.function(index))
    copied = reader.at
  })
  out.copy(bytes, copied, end)
}

const readGarbage = (reader: Reader, { features, types, heap }: ConstContext, literal: number | undefined): void => {
  if (features.gc !== true) throw noGarbageCollection()
  const code = reader.u32(what)
  switch (code) {
    case 0: // struct.new, struct.new_default
    case 1: {
      const type = types[reader.u32(what)]
      if (type?.form !== 'struct') throw invalid('a struct is made of a type that is none')
      heap.bytes += type.bytes
      return
    }
    case 6: // array.new, array.new_default
    case 7:
    case 8: {
      const type = types[reader.u32(what)]
      if (type?.form !== 'array') throw invalid('an array is made of a type that is none')
      const count = code === 8 ? reader.u32(what) : literal
      if (count === undefined) {
        throw feature('a constant expression makes an array of a length that is not written right before it')
      }
      heap.bytes += headerBytes.array + count * type.elementBytes
      return
    }
    case 26: // any.convert_extern, extern.convert_any, ref.i31
    case 27:
    case 28:
      return
    default:
      throw invalid(`${what} has the instruction 0xfb ${code}, which is not a constant one`)
  }
}

/** The i32 of a signed LEB128 number between two places, as unsigned. */
const literalOf = ({ bytes, at }: Reader, start: number): number => {
  let value = 0
  let shift = 0
  for (let index = start; index < at; index++, shift += 7) value |= ((bytes[index] as number) & 0x7f) << shift
  if (shift < 32 && ((bytes[at - 1] as number) & 0x40) !== 0) value |= -1 << shift
  return value >>> 0
}
