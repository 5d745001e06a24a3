// Operations on whole ranges (memory.fill, table.copy, array.init_data, …) run in one go for as long as their length says. Each
// kind that a module uses becomes a function that does a long one in steps, with a check between. A range that is out of
// bounds is done whole instead: then the engine traps before anything is written, as it should.

import type { Checks } from './checks.ts'
import { constant, empty, indexed, op, prefixed } from './instructions.ts'
import type { Layout } from './layout.ts'
import type { Output } from './output.ts'
import { valueTypes } from './value-types.ts'

/** Whether an operand or a size has 32 or 64 bits. */
export type Width = 32 | 64

/** One range that an operation touches: where it starts, as a parameter, and how much there is, as 64 bits. */
export interface RangeOf {
  readonly start: number
  /** Units of the range for each one that is counted; 1 when absent. */
  readonly scale?: number
  size(out: Output): void
}

/** An operation whose last parameter is how many bytes or elements it is for. */
export interface LongOperation {
  /** Prefix, code and operands. */
  readonly instruction: readonly [prefix: number, code: number, ...operands: readonly number[]]
  /** Value types of the parameters. */
  readonly parameters: readonly (readonly number[])[]
  readonly ranges: readonly RangeOf[]
  readonly step: number
  /** Bytes or elements of one unit of fuel, as a power of two. */
  readonly unitShift: number
  /** For copies: the parameters to and from. What two indexes name can be one thing, so any two ranges may overlap. */
  readonly copy?: { readonly to: number; readonly from: number }
}

/** What is needed to write one. */
export interface LongOperationParts {
  readonly checks: Checks
  readonly layout: Layout
}

const widthOf = (type: readonly number[] | undefined): Width => (type?.[0] === valueTypes.i64 ? 64 : 32)

/** Writes the body of the function, its declarations of locals included. */
export const writeLongOperation = (
  out: Output,
  operation: LongOperation,
  { checks, layout }: LongOperationParts,
): void => {
  const { parameters, ranges, step, copy } = operation
  const count = parameters.length - 1
  const width = (local: number): Width => widthOf(parameters[local])
  const whole = (): void => {
    for (let local = 0; local <= count; local++) indexed(out, op.localGet, local)
    prefixed(out, ...operation.instruction)
  }
  const moreThanStep = (): void => {
    wide(out, count, width(count))
    constant(out, op.i64Const, step)
    out.byte(op.i64GtU)
  }
  out.byte(0)
  if (layout.fuel >= 0) payForLength(out, layout, { local: count, width: width(count), shift: operation.unitShift })
  moreThanStep()
  out.raw([op.i32Eqz, op.if, empty])
  whole()
  out.raw([op.return, op.end])
  for (const range of ranges) {
    // count > size, or start > size - count
    const needed = (): void => {
      wide(out, count, width(count))
      if (range.scale !== undefined) {
        constant(out, op.i64Const, range.scale)
        out.byte(op.i64Mul)
      }
    }
    needed()
    range.size(out)
    out.byte(op.i64GtU)
    wide(out, range.start, width(range.start))
    range.size(out)
    needed()
    out.raw([op.i64Sub, op.i64GtU, op.i32Or, op.if, empty])
    whole()
    out.raw([op.return, op.end])
  }
  const steps = (fromEnd: boolean): void => {
    out.raw([op.loop, empty])
    checks.check()
    for (let local = 0; local < count; local++) {
      indexed(out, op.localGet, local)
      if (fromEnd && ranges.some(({ start }) => start === local))
        shift(out, { width: width(local), count, countWidth: width(count), step })
    }
    constant(out, width(count) === 64 ? op.i64Const : op.i32Const, step)
    prefixed(out, ...operation.instruction)
    if (!fromEnd) {
      for (const { start, scale = 1 } of ranges) move(out, { local: start, width: width(start), by: step * scale })
    }
    move(out, { local: count, width: width(count), by: -step })
    moreThanStep()
    out.raw([op.branchIf, 0, op.end])
    whole()
  }
  if (copy !== undefined) {
    wide(out, copy.to, width(copy.to))
    wide(out, copy.from, width(copy.from))
    out.raw([op.i64GtU, op.if, empty])
    steps(true)
    out.raw([op.return, op.end])
  }
  steps(false)
  out.byte(op.end)
}

/** Charges a length that is a local. */
export const payForLength = (
  out: Output,
  layout: Layout,
  length: { readonly local: number; readonly width: Width; readonly shift: number },
): void => {
  indexed(out, op.globalGet, layout.fuel)
  wide(out, length.local, length.width)
  constant(out, op.i64Const, length.shift)
  out.raw([op.i64ShrU, op.i64Sub])
  indexed(out, op.globalSet, layout.fuel)
}

/** A local as 64 bits, unsigned. */
const wide = (out: Output, local: number, width: Width): void => {
  indexed(out, op.localGet, local)
  if (width === 32) out.byte(op.i64ExtendU)
}

/** Adds to a local. */
const move = (out: Output, { local, width, by }: { local: number; width: Width; by: number }): void => {
  indexed(out, op.localGet, local)
  constant(out, width === 64 ? op.i64Const : op.i32Const, by)
  out.byte(width === 64 ? op.i64Add : op.i32Add)
  indexed(out, op.localSet, local)
}

/** Adds to the operand on top what remains beyond one step. */
const shift = (
  out: Output,
  { width, count, countWidth, step }: { width: Width; count: number; countWidth: Width; step: number },
): void => {
  indexed(out, op.localGet, count)
  if (width === 64 && countWidth === 32) out.byte(op.i64ExtendU)
  if (width === 32 && countWidth === 64) out.byte(op.i32Wrap)
  constant(out, width === 64 ? op.i64Const : op.i32Const, step)
  out.raw(width === 64 ? [op.i64Sub, op.i64Add] : [op.i32Sub, op.i32Add])
}
