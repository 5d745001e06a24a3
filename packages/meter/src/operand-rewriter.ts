// Reads the operands of the less frequent instructions, and writes those anew that refer to labels or may run long. Tells
// what the instruction does to the operands and what it costs.

import { shortSegment } from './bulk-functions.ts'
import { feature, invalid } from './fault.ts'
import { GarbageOperands } from './garbage-operands.ts'
import { constant, indexed, op } from './instructions.ts'
import { stateBits } from './names.ts'
import type { OperandParts } from './operand-parts.ts'
import {
  atomicEffectOf,
  isAtomic,
  numericEffects,
  unitsOfPrefixed,
  vectorEffectOf,
  vectorFormOf,
  vectorForms,
  vectorUnitsOf,
} from './prefixed-opcodes.ts'
import { Reader } from './reader.ts'
import { arityOf } from './type-section.ts'
import { skipHeapType, skipValueType, type TypeContext } from './value-types.ts'
import { atomicWait } from './waits.ts'

const unitsOfMiscellaneous = unitsOfPrefixed(0xfc, 23)
const unitsOfAtomic = unitsOfPrefixed(0xfe, 0x4f)

/** Entries of a branch table whose arms are paid for one by one. */
export const fewArms = 8
/** Most entries of a branch table, as V8 has it. */
const mostBranches = 65_520
const what = 'an instruction'

/** See the file's head. Each method begins after the opcode and ends after the operands. */
export class OperandRewriter {
  readonly #parts: OperandParts
  readonly #context: TypeContext
  readonly #garbage: GarbageOperands
  /** By how much the operands grow. */
  effect = 0
  /** Fuel units. */
  units = 0
  /** Places that it branches to. */
  branches = 0

  constructor(parts: OperandParts) {
    this.#parts = parts
    this.#garbage = new GarbageOperands(parts)
    this.#context = { features: parts.features, types: parts.layout.counts.types, met: parts.met }
  }

  /** Reads a block type other than the empty one, and tells what it takes and gives. */
  blockType(into: { parameters: number; results: number }): void {
    const { cursor, types, layout } = this.#parts
    const first = cursor.bytes[cursor.at] ?? 0
    if (first >= 0x40 && first < 0x80) {
      this.#read((reader) => skipValueType(reader, 'a block type', this.#context))
      into.results = 1
      return
    }
    const arity = arityOf(types[layout.type(cursor.u32())])
    into.parameters = arity.parameters
    into.results = arity.results
  }

  /** `br_table`. */
  branchTable(start: number): void {
    const { cursor, labels } = this.#parts
    const { out } = cursor
    const count = cursor.u32()
    if (count > mostBranches) throw feature(`a branch table has ${count} entries; at most ${mostBranches} are taken`)
    this.branches = Math.min(count + 1, labels.depth)
    const hasArms = this.#parts.layout.fuel >= 0 && count >= fewArms
    if (labels.moved === labels.depth && !hasArms) {
      for (let index = 0; index <= count; index++) cursor.skipNumber(5)
      return
    }
    cursor.flush(start + 1)
    out.u32(count)
    for (let index = 0; index <= count; index++) out.u32(labels.map(cursor.u32()))
    cursor.copied = cursor.at
    if (hasArms) labels.partArms()
  }

  /** The clauses of `try_table`, after its block type: their labels are those around it. */
  catchClauses(): void {
    const { cursor, labels } = this.#parts
    this.#parts.met.exceptions = true
    const typeEnd = cursor.at
    const count = cursor.u32()
    if (count > mostBranches) throw feature(`a try_table has ${count} clauses; at most ${mostBranches} are taken`)
    cursor.flush(typeEnd)
    cursor.out.u32(count)
    for (let index = 0; index < count; index++) {
      const kind = cursor.byte()
      if (kind > 3) throw invalid('a catch clause is of an unknown kind')
      cursor.out.byte(kind)
      if (kind < 2) cursor.out.u32(cursor.u32())
      cursor.out.u32(labels.map(cursor.u32()))
    }
    cursor.copied = cursor.at
    this.branches = count + 1
  }

  /** An instruction whose only operand is a label. */
  label(opcode: number, start: number): void {
    const { cursor, labels } = this.#parts
    const moved = labels.map(cursor.u32())
    cursor.flush(start)
    indexed(cursor.out, opcode, moved)
    cursor.copied = cursor.at
  }

  selectTypes(): void {
    this.#read((reader) => {
      const count = reader.count('types of a selection', 1000)
      for (let index = 0; index < count; index++) skipValueType(reader, what, this.#context)
    })
  }

  heapType(): void {
    this.#read((reader) => skipHeapType(reader, what, this.#context))
  }

  /** Alignment and memory of an access whose first byte is not a plain alignment, and its offset. */
  access(): void {
    const { cursor, layout } = this.#parts
    layout.memory((cursor.u32() & 0x40) === 0 ? 0 : cursor.u32())
    cursor.skipNumber(10)
  }

  /** `memory.grow`, and what is behind 0xfb, 0xfc and 0xfe. */
  rewrite(opcode: number, start: number): void {
    this.effect = 0
    this.units = 0
    this.branches = 0
    switch (opcode) {
      case op.memoryGrow: {
        const { cursor, bulk } = this.#parts
        return this.#replace(start, bulk.memoryGrow(this.#parts.layout.memory(cursor.u32())))
      }
      case op.garbage:
        return this.#garbage.rewrite(start, this)
      case op.miscellaneous:
        return this.#miscellaneous(start)
      default:
        return this.#atomic(start)
    }
  }

  /** Behind 0xfc. */
  #miscellaneous(start: number): void {
    const { cursor, bulk, checks, layout, segments } = this.#parts
    const code = cursor.u32()
    const numeric = numericEffects[code]
    this.units = unitsOfMiscellaneous[code] ?? 0
    if (numeric !== undefined) {
      this.effect = numeric
      return
    }
    switch (code) {
      case 8: {
        this.effect = -3
        const segment = cursor.u32()
        const memory = layout.memory(cursor.u32())
        const bytes = segments.dataBytes(segment)
        if (bytes > shortSegment.bytes) this.#replace(start, bulk.memoryInit(segment, memory, bytes))
        else this.#payLength(start, 'bytes')
        return
      }
      case 9: // data.drop, elem.drop
      case 13:
        cursor.u32()
        this.effect = 0
        cursor.flush(start)
        checks.mark(stateBits.lastingChange)
        return
      case 10: {
        this.effect = -3
        const to = layout.memory(cursor.u32())
        return this.#replace(start, bulk.memoryCopy(to, layout.memory(cursor.u32())))
      }
      case 11:
        this.effect = -3
        return this.#replace(start, bulk.memoryFill(layout.memory(cursor.u32())))
      case 12: {
        this.effect = -3
        const segment = cursor.u32()
        const table = cursor.u32()
        const elements = segments.elements(segment)
        cursor.flush(start)
        checks.mark(stateBits.lastingChange)
        if (elements > shortSegment.elements) this.#replace(start, bulk.tableInit(segment, table, elements))
        else this.#payLength(start, 'elements')
        return
      }
      case 14: {
        this.effect = -3
        const to = cursor.u32()
        const from = cursor.u32()
        cursor.flush(start)
        checks.mark(stateBits.lastingChange)
        return this.#replace(start, bulk.tableCopy(to, from))
      }
      case 15:
        this.effect = -1
        return this.#replace(start, bulk.tableGrow(cursor.u32()))
      case 16:
        this.effect = 1
        cursor.u32()
        return
      case 17: {
        this.effect = -3
        const table = cursor.u32()
        cursor.flush(start)
        checks.mark(stateBits.lastingChange)
        return this.#replace(start, bulk.tableFill(table))
      }
      default:
        throw feature(`the module uses an instruction that is not known (0xfc ${code})`)
    }
  }

  /** Behind 0xfd. */
  vector(): void {
    const { cursor } = this.#parts
    const code = cursor.u32()
    this.effect = vectorEffectOf[code] ?? 0
    this.units = vectorUnitsOf[code] ?? 0
    switch (vectorFormOf[code]) {
      case vectorForms.plain:
        return
      case vectorForms.access:
        return this.access()
      case vectorForms.accessLane:
        this.access()
        return cursor.skip(1)
      case vectorForms.lane:
        return cursor.skip(1)
      case vectorForms.sixteen:
        return cursor.skip(16)
      default:
        throw feature(`the module uses an instruction that is not known (0xfd ${code})`)
    }
  }

  /** Behind 0xfe. */
  #atomic(start: number): void {
    const { cursor, appended, layout, memories, features } = this.#parts
    if (features.threads !== true) {
      throw feature(
        'the module uses atomic instructions (threads), which are off. The operator can allow them with policy.features.threads',
      )
    }
    const code = cursor.u32()
    if (!isAtomic(code)) throw feature(`the module uses an instruction that is not known (0xfe ${code})`)
    this.effect = atomicEffectOf(code)
    this.units = unitsOfAtomic[code] ?? 0
    if (code === 0x03) return cursor.skip(1)
    if (code !== 0x01 && code !== 0x02) return this.access()
    const index = layout.memory((cursor.u32() & 0x40) === 0 ? 0 : cursor.u32())
    const { is64 } = memories[index] as { is64: boolean }
    const offset = new Reader(cursor.bytes, cursor.at, cursor.end)
    const bytes = offset.u64('the offset of a wait')
    cursor.at = offset.at
    cursor.flush(start)
    constant(cursor.out, op.i64Const, bytes)
    this.#replace(start, atomicWait(appended, code, { index, is64 }))
  }

  /** Writes a call in the place of the instruction. */
  #replace(start: number, callee: number): void {
    const { cursor } = this.#parts
    cursor.flush(start)
    indexed(cursor.out, op.call, callee)
    cursor.copied = cursor.at
  }

  #payLength(start: number, unit: 'bytes' | 'elements'): void {
    const { cursor, layout, bulk } = this.#parts
    if (layout.fuel < 0) return
    cursor.flush(start)
    indexed(cursor.out, op.call, bulk.payLength(unit))
  }

  #read(read: (reader: Reader) => void): void {
    const { cursor } = this.#parts
    const reader = new Reader(cursor.bytes, cursor.at, cursor.end)
    read(reader)
    cursor.at = reader.at
  }
}
