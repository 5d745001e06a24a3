// `memory.atomic.wait32` and `wait64` in slices, so that a waiting guest can be ended. A slice that ends because the value
// changed means that the guest was to be woken, for it had begun to wait already.

import type { Appended } from './appended.ts'
import { Checks } from './checks.ts'
import { constant, empty, indexed, op } from './instructions.ts'
import { Output } from './output.ts'
import { valueTypes } from './value-types.ts'

/** Longest wait without a check. */
const sliceNs = 5_000_000

const { i32, i64 } = valueTypes
const answers = { woken: 0, timedOut: 2 } as const

/** `[address, expected, timeout in ns, offset] -> [i32]`: code is 1 for wait32, 2 for wait64. */
export const atomicWait = (appended: Appended, code: 1 | 2, memory: { index: number; is64: boolean }): number => {
  const { index, is64 } = memory
  return appended.once(`memory.atomic.wait ${code} ${index}`, () => {
    const out = new Output(256)
    const checks = new Checks(out, appended.layout)
    const [address, expected, timeout, offset, answer] = [0, 1, 2, 3, 4] as const
    const addressType = is64 ? i64 : i32
    const wide = (): void => {
      indexed(out, op.localGet, address)
      if (!is64) out.byte(op.i64ExtendU)
    }
    const wait = (): void => {
      indexed(out, op.localGet, address)
      indexed(out, op.localGet, expected)
      // A negative timeout waits for ever; as unsigned, it is the longest.
      constant(out, op.i64Const, sliceNs)
      indexed(out, op.localGet, timeout)
      indexed(out, op.localGet, timeout)
      constant(out, op.i64Const, sliceNs)
      out.raw([op.i64GtU, op.select, op.atomic, code, 0x40 | (code + 1)])
      out.u32(index)
      out.byte(0)
      indexed(out, op.localTee, answer)
    }
    out.raw([1, 1, i32])
    // The address with its offset must be one of the memory; an access to what is surely outside traps otherwise.
    wide()
    indexed(out, op.localGet, offset)
    out.byte(op.i64Add)
    indexed(out, op.localTee, offset)
    wide()
    out.byte(op.i64LtU)
    indexed(out, op.localGet, offset)
    indexed(out, op.memorySize, index)
    if (!is64) out.byte(op.i64ExtendU)
    out.raw([op.i64Const, 16, op.i64Shl, op.i64GeU, op.i32Or, op.if, empty])
    constant(out, is64 ? op.i64Const : op.i32Const, -1)
    out.raw([0x2d, 0x40])
    out.u32(index)
    out.unsigned(0xffffffff)
    out.raw([op.drop, op.end])
    indexed(out, op.localGet, offset)
    if (!is64) out.byte(op.i32Wrap)
    indexed(out, op.localSet, address)
    checks.check()
    wait()
    constant(out, op.i32Const, answers.timedOut)
    out.raw([op.i32Eq, op.if, empty, op.loop, empty])
    checks.check()
    // Time is up when a slice was all that was left.
    indexed(out, op.localGet, timeout)
    out.raw([op.i64Const, 0, op.i64LtS, op.i32Eqz, op.if, empty])
    indexed(out, op.localGet, timeout)
    constant(out, op.i64Const, sliceNs)
    out.byte(op.i64Sub)
    indexed(out, op.localTee, timeout)
    out.raw([
      op.i64Const,
      0,
      op.i64GtS,
      op.i32Eqz,
      op.if,
      empty,
      op.i32Const,
      answers.timedOut,
      op.return,
      op.end,
      op.end,
    ])
    wait()
    constant(out, op.i32Const, answers.timedOut)
    out.raw([op.i32Eq, op.branchIf, 0, op.end])
    out.raw([op.i32Const, answers.woken])
    indexed(out, op.localSet, answer)
    out.byte(op.end)
    indexed(out, op.localGet, answer)
    out.byte(op.end)
    const expectedType = code === 1 ? i32 : i64
    return {
      signature: { parameters: [[addressType], [expectedType], [i64], [i64]], results: [[i32]] },
      body: out.taken(),
      name: 'memory.atomic.wait',
    }
  })
}
