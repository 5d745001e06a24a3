// Operands of the instructions behind 0xfb (garbage collection): what allocates is charged for before it does, what works on
// whole arrays becomes a call.

import { allocate, allocateArray } from './allocations.ts'
import { unpacked } from './bulk-functions.ts'
import { feature, invalid } from './fault.ts'
import { constant, indexed, op } from './instructions.ts'
import type { OperandParts } from './operand-parts.ts'
import { unitsOfPrefixed } from './prefixed-opcodes.ts'
import { Reader } from './reader.ts'
import { type ArrayType, headerBytes } from './type-section.ts'
import { noGarbageCollection, skipHeapType } from './value-types.ts'

const unitsOfGarbage = unitsOfPrefixed(0xfb, 31)
/** Most operands of `array.new_fixed`, as V8 has it. */
const mostFixed = 10_000

/** What an instruction does to the operands, what it costs, how many places it branches to. */
export interface InstructionFacts {
  effect: number
  units: number
  branches: number
}

/** See the file's head. */
export class GarbageOperands {
  readonly #parts: OperandParts

  constructor(parts: OperandParts) {
    this.#parts = parts
  }

  /** Behind 0xfb. */
  rewrite(start: number, result: InstructionFacts): void {
    const { cursor, labels, features, types } = this.#parts
    if (features.gc !== true) throw noGarbageCollection()
    const code = cursor.u32()
    result.units = unitsOfGarbage[code] ?? 0
    switch (code) {
      case 0: // struct.new, struct.new_default
      case 1: {
        const type = types[cursor.u32()]
        if (type?.form !== 'struct') throw invalid('a struct is made of a type that is none')
        result.effect = code === 0 ? 1 - type.fields : 1
        return this.#charge(start, type.bytes)
      }
      case 2: // struct.get, get_s, get_u, set
      case 3:
      case 4:
      case 5:
        cursor.u32()
        cursor.u32()
        result.effect = code === 5 ? -2 : 0
        return
      case 6: // array.new, array.new_default, array.new_data, array.new_elem
      case 7:
      case 9:
      case 10: {
        const { elementBytes } = this.#arrayType(cursor.u32())
        if (code >= 9) cursor.u32()
        result.effect = code === 7 ? 0 : -1
        return this.#chargeArray(start, elementBytes)
      }
      case 8: {
        const { elementBytes } = this.#arrayType(cursor.u32())
        const count = cursor.u32()
        if (count > mostFixed) throw feature(`an array is made of ${count} operands; at most ${mostFixed} are taken`)
        result.effect = 1 - count
        return this.#charge(start, headerBytes.array + count * elementBytes)
      }
      case 11: // array.get, get_s, get_u, set
      case 12:
      case 13:
      case 14:
        cursor.u32()
        result.effect = code === 14 ? -3 : -1
        return
      case 15: // array.len
        result.effect = 0
        return
      case 16:
      case 17:
      case 18:
      case 19:
        return this.#arrayRange(code, start, result)
      case 20: // ref.test, ref.cast and their nullable forms
      case 21:
      case 22:
      case 23:
        result.effect = 0
        return this.#heapType()
      case 24: // br_on_cast, br_on_cast_fail
      case 25: {
        result.effect = 0
        result.branches = 1
        cursor.byte()
        const labelAt = cursor.at
        const moved = labels.map(cursor.u32())
        cursor.flush(labelAt)
        cursor.out.u32(moved)
        cursor.copied = cursor.at
        this.#heapType()
        return this.#heapType()
      }
      default:
        // any.convert_extern, extern.convert_any, ref.i31, i31.get_s, i31.get_u
        if (code > 30) throw feature(`the module uses an instruction that is not known (0xfb ${code})`)
        result.effect = 0
    }
  }

  #arrayRange(code: 16 | 17 | 18 | 19, start: number, result: InstructionFacts): void {
    const { cursor, bulk, segments } = this.#parts
    const type = cursor.u32()
    const array = this.#arrayType(type)
    if (code === 16) {
      result.effect = -4
      return this.#replace(start, bulk.arrayFill(type, unpacked(array, cursor.bytes)))
    }
    const other = cursor.u32()
    if (code === 17) {
      result.effect = -5
      this.#arrayType(other)
      return this.#replace(start, bulk.arrayCopy(type, other))
    }
    result.effect = -4
    const isData = code === 18
    const held = isData ? segments.dataBytes(other) : segments.elements(other)
    const scale = isData ? array.elementBytes : 1
    this.#replace(start, bulk.arrayInit(code, { type, index: other, held, scale }))
  }

  #arrayType(index: number): ArrayType {
    const type = this.#parts.types[index]
    if (type?.form !== 'array') throw invalid('an array is made of a type that is none')
    return type
  }

  #heapType(): void {
    const { cursor, features, layout, met } = this.#parts
    const reader = new Reader(cursor.bytes, cursor.at, cursor.end)
    skipHeapType(reader, 'an instruction', { features, types: layout.counts.types, met })
    cursor.at = reader.at
  }

  #replace(start: number, callee: number): void {
    const { cursor } = this.#parts
    cursor.flush(start)
    indexed(cursor.out, op.call, callee)
    cursor.copied = cursor.at
  }

  #charge(start: number, bytes: number): void {
    const { cursor, appended } = this.#parts
    cursor.flush(start)
    constant(cursor.out, op.i32Const, bytes)
    indexed(cursor.out, op.call, allocate(appended))
  }

  #chargeArray(start: number, elementBytes: number): void {
    const { cursor, appended } = this.#parts
    cursor.flush(start)
    indexed(cursor.out, op.call, allocateArray(appended, elementBytes))
  }
}
