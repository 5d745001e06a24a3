// Which appended function stands for which long operation of a guest, by what the operation touches.

import type { Appended } from './appended.ts'
import { Checks } from './checks.ts'
import { invalid } from './fault.ts'
import { constant, empty, indexed, op, prefixed } from './instructions.ts'
import { stateBits } from './names.ts'
import { Output } from './output.ts'
import { type LongOperation, payForLength, type RangeOf, type Width, writeLongOperation } from './long-operations.ts'
import type { ArrayType } from './type-section.ts'
import { valueTypes } from './value-types.ts'

/** A table or memory, as far as operations on it go. `element` is the reference type of a table, as bytes. */
export interface Addressed {
  readonly is64: boolean
  readonly element?: Uint8Array
}

/** Bytes that one step moves; on pages that are touched for the first time, a tenth of a millisecond. */
const stepBytes = 128 * 1024
/** Elements of an array that one step moves. */
const stepElements = 8192
/** Elements of a table that one step moves: the engine takes ten times as long for each as for one of an array. */
const stepTableElements = 1024
/** Elements that one step makes of a segment: each may be a function's first reference, which takes half a microsecond. */
const stepNewElements = 128
/** Longest segment that is copied in one go. */
export const shortSegment = { bytes: 64 * 1024, elements: stepNewElements } as const
/** See unitLengths in prices.ts. */
const unitShift = { bytes: 6, elements: 3 } as const

const i32 = [valueTypes.i32]
const i64 = [valueTypes.i64]
const addressOf = ({ is64 }: Addressed): number[] => (is64 ? i64 : i32)
const narrower = (one: Addressed, other: Addressed): number[] => (one.is64 && other.is64 ? i64 : i32)
const { miscellaneous, garbage } = op

/** See the file's head. */
export class BulkFunctions {
  readonly #appended: Appended
  readonly #memories: readonly Addressed[]
  readonly #tables: readonly Addressed[]

  constructor(
    appended: Appended,
    things: { readonly memories: readonly Addressed[]; readonly tables: readonly Addressed[] },
  ) {
    this.#appended = appended
    this.#memories = things.memories
    this.#tables = things.tables
  }

  memoryFill(memory: number): number {
    const address = addressOf(this.#memory(memory))
    return this.#long(`memory.fill ${memory}`, {
      instruction: [miscellaneous, 11, memory],
      parameters: [address, i32, address],
      ranges: [this.#inMemory(0, memory)],
      step: stepBytes,
      unitShift: unitShift.bytes,
    })
  }

  memoryCopy(to: number, from: number): number {
    const [target, source] = [this.#memory(to), this.#memory(from)]
    return this.#long(`memory.copy ${to} ${from}`, {
      instruction: [miscellaneous, 10, to, from],
      parameters: [addressOf(target), addressOf(source), narrower(target, source)],
      ranges: [this.#inMemory(0, to), this.#inMemory(1, from)],
      step: stepBytes,
      unitShift: unitShift.bytes,
      copy: { to: 0, from: 1 },
    })
  }

  /** `bytes` is what the segment holds unless it was dropped; then the first step traps. */
  memoryInit(segment: number, memory: number, bytes: number): number {
    return this.#long(`memory.init ${segment} ${memory}`, {
      instruction: [miscellaneous, 8, segment, memory],
      parameters: [addressOf(this.#memory(memory)), i32, i32],
      ranges: [this.#inMemory(0, memory), fixed(1, bytes)],
      step: stepBytes,
      unitShift: unitShift.bytes,
    })
  }

  tableFill(table: number): number {
    const { element } = this.#table(table)
    const address = addressOf(this.#table(table))
    return this.#long(`table.fill ${table}`, {
      instruction: [miscellaneous, 17, table],
      parameters: [address, [...(element ?? [])], address],
      ranges: [this.#inTable(0, table)],
      step: stepTableElements,
      unitShift: unitShift.elements,
    })
  }

  tableCopy(to: number, from: number): number {
    const [target, source] = [this.#table(to), this.#table(from)]
    return this.#long(`table.copy ${to} ${from}`, {
      instruction: [miscellaneous, 14, to, from],
      parameters: [addressOf(target), addressOf(source), narrower(target, source)],
      ranges: [this.#inTable(0, to), this.#inTable(1, from)],
      step: stepTableElements,
      unitShift: unitShift.elements,
      copy: { to: 0, from: 1 },
    })
  }

  /** As {@link memoryInit}. */
  tableInit(segment: number, table: number, elements: number): number {
    return this.#long(`table.init ${segment} ${table}`, {
      instruction: [miscellaneous, 12, segment, table],
      parameters: [addressOf(this.#table(table)), i32, i32],
      ranges: [this.#inTable(0, table), fixed(1, elements)],
      step: stepNewElements,
      unitShift: unitShift.elements,
    })
  }

  arrayFill(type: number, value: readonly number[]): number {
    return this.#long(`array.fill ${type}`, {
      instruction: [garbage, 16, type],
      parameters: [nullable(type), i32, value, i32],
      ranges: [inArray(0, 1)],
      step: stepElements,
      unitShift: unitShift.elements,
    })
  }

  arrayCopy(to: number, from: number): number {
    return this.#long(`array.copy ${to} ${from}`, {
      instruction: [garbage, 17, to, from],
      parameters: [nullable(to), i32, nullable(from), i32, i32],
      ranges: [inArray(0, 1), inArray(2, 3)],
      step: stepElements,
      unitShift: unitShift.elements,
      copy: { to: 1, from: 3 },
    })
  }

  /** `array.init_data` (18) or `array.init_elem` (19); `held` as above, `scale` is how much of it one element takes. */
  arrayInit(code: 18 | 19, segment: { type: number; index: number; held: number; scale: number }): number {
    const { type, index, held, scale } = segment
    return this.#long(`array.init ${code} ${type} ${index}`, {
      instruction: [garbage, code, type, index],
      parameters: [nullable(type), i32, i32, i32],
      ranges: [inArray(0, 1), { ...fixed(2, held), scale }],
      step: stepNewElements,
      unitShift: unitShift.elements,
    })
  }

  /** `memory.grow` that notes a refusal. */
  memoryGrow(memory: number): number {
    const address = addressOf(this.#memory(memory))
    return this.#appended.once(`memory.grow ${memory}`, () => {
      const { out, checks } = this.#start()
      out.byte(0)
      checks.check()
      indexed(out, op.localGet, 0)
      indexed(out, op.memoryGrow, memory)
      indexed(out, op.localTee, 0)
      out.raw(address === i64 ? [op.i64Const, 0x7f, op.i64Eq] : [op.i32Const, 0x7f, op.i32Eq])
      out.raw([op.if, empty])
      checks.mark(stateBits.growthRefused)
      out.raw([op.end, op.localGet, 0, op.end])
      return { signature: { parameters: [address], results: [address] }, body: out.taken(), name: 'memory.grow' }
    })
  }

  /** `table.grow`, with a check. */
  tableGrow(table: number): number {
    const { element } = this.#table(table)
    const address = addressOf(this.#table(table))
    return this.#appended.once(`table.grow ${table}`, () => {
      const { out, checks } = this.#start()
      const { layout } = this.#appended
      out.byte(0)
      if (layout.fuel >= 0) payForLength(out, layout, { local: 1, width: widthOf(address), shift: unitShift.elements })
      checks.check()
      checks.mark(stateBits.lastingChange)
      out.raw([op.localGet, 0, op.localGet, 1])
      prefixed(out, miscellaneous, 15, table)
      out.byte(op.end)
      return {
        signature: { parameters: [[...(element ?? [])], address], results: [address] },
        body: out.taken(),
        name: 'table.grow',
      }
    })
  }

  /** `[i32] -> [i32]`: charges for a length, which stays. */
  payLength(what: 'bytes' | 'elements'): number {
    return this.#appended.once(`pay ${what}`, () => {
      const { out } = this.#start()
      out.byte(0)
      payForLength(out, this.#appended.layout, { local: 0, width: 32, shift: unitShift[what] })
      out.raw([op.localGet, 0, op.end])
      return { signature: { parameters: [i32], results: [i32] }, body: out.taken(), name: 'fuel' }
    })
  }

  #long(key: string, operation: LongOperation): number {
    return this.#appended.once(key, () => {
      const { out, checks } = this.#start()
      writeLongOperation(out, operation, { checks, layout: this.#appended.layout })
      const [name = ''] = key.split(' ')
      return { signature: { parameters: operation.parameters, results: [] }, body: out.taken(), name }
    })
  }

  #start(): { out: Output; checks: Checks } {
    const out = new Output(256)
    return { out, checks: new Checks(out, this.#appended.layout) }
  }

  #memory(index: number): Addressed {
    return this.#memories[this.#appended.layout.memory(index)] as Addressed
  }

  #table(index: number): Addressed {
    const table = this.#tables[index]
    if (table === undefined) throw invalid(`the module refers to table ${index}, which does not exist`)
    return table
  }

  #inMemory(start: number, memory: number): RangeOf {
    const { is64 } = this.#memory(memory)
    return {
      start,
      size: (out) => {
        indexed(out, op.memorySize, memory)
        if (!is64) out.byte(op.i64ExtendU)
        out.raw([op.i64Const, 16, op.i64Shl])
      },
    }
  }

  #inTable(start: number, table: number): RangeOf {
    const { is64 } = this.#table(table)
    return {
      start,
      size: (out) => {
        prefixed(out, miscellaneous, op.tableSize, table)
        if (!is64) out.byte(op.i64ExtendU)
      },
    }
  }
}

const widthOf = (type: readonly number[]): Width => (type === i64 ? 64 : 32)

const fixed = (start: number, size: number): RangeOf => ({ start, size: (out) => constant(out, op.i64Const, size) })

const inArray = (array: number, start: number): RangeOf => ({
  start,
  size: (out) => {
    indexed(out, op.localGet, array)
    prefixed(out, garbage, 15) // array.len
    out.byte(op.i64ExtendU)
  },
})

/** `(ref null $type)` */
const nullable = (type: number): number[] => {
  const out = new Output(8)
  out.byte(0x63)
  out.signed(type)
  return [...out.taken()]
}

/** The value type of an array's elements on the stack of operands. */
export const unpacked = ({ element }: ArrayType, bytes: Uint8Array): readonly number[] => {
  const first = bytes[element.start]
  return first === 0x78 || first === 0x77 ? i32 : [...bytes.subarray(element.start, element.end)]
}
