// Objects on the engine's heap (structs, arrays) are charged before they are made, for no limit of the engine's holds for
// them: the global `allocation` counts bytes down, and below zero the guest ends. What is collected is not given back.

import type { Appended } from './appended.ts'
import { constant, empty, indexed, op } from './instructions.ts'
import { Output } from './output.ts'
import { headerBytes } from './type-section.ts'
import { valueTypes } from './value-types.ts'

const { i32, i64 } = valueTypes
/** Bytes of one unit of fuel, as a power of two; see unitLengths in prices.ts. */
const unitShift = 4

/** `[i32] -> []`: charges so many bytes. */
export const allocate = (appended: Appended): number =>
  appended.once('allocate', () => {
    const out = new Output(64)
    out.raw([1, 1, i64, op.localGet, 0, op.i64ExtendU])
    indexed(out, op.localSet, 1)
    charge(out, appended, 1)
    out.byte(op.end)
    return { signature: { parameters: [[i32]], results: [] }, body: out.taken(), name: 'allocate' }
  })

/** `[i32] -> [i32]`: charges an array of so many elements of a size; their number stays. */
export const allocateArray = (appended: Appended, elementBytes: number): number =>
  appended.once(`allocate ${elementBytes}`, () => {
    const out = new Output(64)
    out.raw([1, 1, i64, op.localGet, 0, op.i64ExtendU])
    constant(out, op.i64Const, elementBytes)
    out.byte(op.i64Mul)
    constant(out, op.i64Const, headerBytes.array)
    out.byte(op.i64Add)
    indexed(out, op.localSet, 1)
    charge(out, appended, 1)
    out.raw([op.localGet, 0, op.end])
    return { signature: { parameters: [[i32]], results: [[i32]] }, body: out.taken(), name: 'allocate' }
  })

const charge = (out: Output, { layout }: Appended, local: number): void => {
  if (layout.fuel >= 0) {
    indexed(out, op.globalGet, layout.fuel)
    indexed(out, op.localGet, local)
    out.raw([op.i64Const, unitShift, op.i64ShrU, op.i64Sub])
    indexed(out, op.globalSet, layout.fuel)
  }
  indexed(out, op.globalGet, layout.allocation)
  indexed(out, op.localGet, local)
  out.byte(op.i64Sub)
  indexed(out, op.globalSet, layout.allocation)
  indexed(out, op.globalGet, layout.allocation)
  out.raw([op.i64Const, 0, op.i64LtS, op.if, empty])
  indexed(out, op.call, layout.tick)
  out.byte(op.end)
}
