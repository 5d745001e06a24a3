// Rewrites one function body: a single pass over the instructions, in which whole stretches are copied and only what refers
// to a moved index, may run long, or begins a loop is written anew. Where checks stand is told in flow.ts.

import type { BodyFacts } from './body-facts.ts'
import { type BodyParts, hintPlace, moveHint } from './body-parts.ts'
import { compileUnitsOf } from './compile-cost.ts'
import { feature, invalid } from './fault.ts'
import { empty, indexed, op } from './instructions.ts'
import { blockKinds } from './labels.ts'
import { stateBits } from './names.ts'
import { effectOf, kindOf, unitsOf } from './opcodes.ts'
import { isLikeCall } from './prefixed-opcodes.ts'

/**
 * Rewrites the body that the cursor is at, after its locals. False when it must be done again, wrapped: it has a loop.
 * @throws ModuleFault
 */
export const rewriteBody = (parts: BodyParts, facts: BodyFacts): boolean => {
  const { cursor, labels, checks, flow, payers, layout, operands, fuel, callEffects, typeEffects } = parts
  const { bytes, end, out } = cursor
  const isWrapped = facts.wrapper !== undefined
  const hasMemory = layout.counts.memories > 0
  let { at } = cursor
  let height = 0
  let units = 0
  let compileUnits = 0
  let hintAt = hintPlace(parts)
  // Where the last constant stands; the local that was written last, and the end of the last such write right after a constant.
  let constant = -1
  let constantEnd = -1
  let set = -1
  let setEnd = -1

  flow.begin(at, facts)
  if (facts.wrapper !== undefined) {
    out.byte(op.block)
    out.raw(facts.wrapper)
  }
  let { stop } = flow

  const blockType = (place: number): number => {
    flow.parameters = 0
    flow.results = 0
    if (bytes[place] === empty) return place + 1
    cursor.at = place
    operands.blockType(flow)
    return cursor.at
  }

  for (;;) {
    if (at >= stop) {
      if (at >= end) break
      flow.check(at, height)
      ;({ stop } = flow)
    }
    const start = at
    const opcode = bytes[at++] as number
    units += unitsOf[opcode] as number
    compileUnits += compileUnitsOf[opcode] as number
    height += effectOf[opcode] as number
    if (start === hintAt) hintAt = moveHint(parts, start, opcode)
    // The numbers are those of `kinds` in opcodes.ts: for names, the engine would make no jump table.
    switch (kindOf[opcode]) {
      case 1: // plain
        if (opcode === op.unreachable) height = flow.below
        break
      case 2: // index
        while ((bytes[at++] as number) > 0x7f);
        if (opcode !== op.localSet && opcode !== op.localTee) break
        set = flow.write(start + 1)
        if (start === constantEnd) setEnd = at
        break
      case 3: // number
        while ((bytes[at++] as number) > 0x7f);
        constant = start + 1
        constantEnd = at
        break
      case 4: // f32
        at += 4
        break
      case 5: // f64
        at += 8
        break
      case 6: // access
        if ((bytes[at] as number) < 0x40) {
          if (!hasMemory) layout.memory(0)
          at++
          while ((bytes[at++] as number) > 0x7f);
          break
        }
        cursor.at = at
        operands.access()
        ;({ at } = cursor)
        break
      case 7: // block
      case 9: // if
      case 29: // try
        if (opcode === op.try) parts.met.legacy = true
        flow.height = height
        at = blockType(at)
        flow.open(opcode === op.if ? blockKinds.if : blockKinds.block, at)
        break
      case 8: // loop
        if (fuel && !isWrapped) return false
        flow.height = height
        at = blockType(at)
        if (flow.openBounded(start, at, { constant: setEnd === start ? constant : -1, set })) {
          ;({ stop } = flow)
          break
        }
        flow.units = units
        flow.openLoop(start, at)
        ;({ stop, units } = flow)
        break
      case 10: // else
      case 32: // catch_all
        flow.units = units
        flow.reopen(at, height)
        ;({ stop, units } = flow)
        height = flow.below + (opcode === op.else ? (labels.parameters[labels.depth - 1] as number) : 0)
        break
      case 11: // end
        flow.units = units
        height = flow.close(at)
        ;({ stop, units } = flow)
        break
      case 12: // branch
        flow.note(height)
        if (labels.moved === labels.depth) while ((bytes[at++] as number) > 0x7f);
        else {
          cursor.at = at
          operands.label(opcode, start)
          ;({ at } = cursor)
        }
        if (opcode === op.branch) height = flow.below
        break
      case 13: // branch table
        cursor.at = at
        operands.branchTable(start)
        ;({ at } = cursor)
        flow.note(height, operands.branches)
        height = flow.below
        break
      case 14: // return
        flow.note(height)
        if (isWrapped) {
          cursor.flush(start)
          indexed(out, op.branch, labels.moved - 2)
          cursor.copied = at
        }
        height = flow.below
        break
      case 15: {
        // call
        cursor.at = at
        const callee = cursor.u32()
        ;({ at } = cursor)
        const moved = layout.function(callee)
        if (fuel) payers.call(callee, start)
        flow.beforeCall(start, height)
        ;({ stop } = flow)
        if (opcode === op.returnCall) flow.leave(start)
        cursor.flush(start)
        indexed(out, opcode, moved)
        cursor.copied = at
        height = opcode === op.returnCall ? flow.below : height + (callEffects[callee] as number)
        break
      }
      case 16: // call_indirect
      case 17: {
        // call_ref
        flow.beforeCall(start, height)
        ;({ stop } = flow)
        const isLast = opcode === op.returnCallIndirect || opcode === op.returnCallReference
        if (isLast) flow.leave(start)
        cursor.at = at
        height += typeEffects[layout.type(cursor.u32())] as number
        if (opcode === 0x11 || opcode === op.returnCallIndirect) cursor.u32()
        ;({ at } = cursor)
        if (isLast) height = flow.below
        break
      }
      case 18: {
        // global
        let index = bytes[at++] as number
        if (index > 0x7f) {
          cursor.at = at - 1
          index = cursor.u32()
          ;({ at } = cursor)
        }
        const moved = layout.global(index)
        if (moved === index) break
        cursor.flush(start + 1)
        out.u32(moved)
        cursor.copied = at
        break
      }
      case 19: // ref.func
        cursor.at = at
        cursor.flush(start + 1)
        out.u32(layout.function(cursor.u32()))
        ;({ at } = cursor)
        cursor.copied = at
        break
      case 20: // ref.null
      case 21: // select with types
      case 22: // memory.size
        cursor.at = at
        if (opcode === 0xd0) operands.heapType()
        else if (opcode === 0x1c) operands.selectTypes()
        else layout.memory(cursor.u32())
        ;({ at } = cursor)
        break
      case 24: // table.set
        while ((bytes[at++] as number) > 0x7f);
        cursor.flush(start)
        checks.mark(stateBits.lastingChange)
        break
      case 23: // memory.grow
      case 25: // miscellaneous
      case 27: // atomic
      case 28: // garbage
        if (opcode < 0xfb || isLikeCall(opcode, bytes[at] as number)) {
          flow.beforeCall(start, height)
          ;({ stop } = flow)
        }
        cursor.at = at
        operands.rewrite(opcode, start)
        ;({ at } = cursor)
        flow.note(height, operands.branches)
        height += operands.effect
        units += operands.units
        break
      case 26: // vector
        cursor.at = at
        operands.vector()
        ;({ at } = cursor)
        height += operands.effect
        units += operands.units
        break
      case 30: // try_table
        flow.height = height
        cursor.at = blockType(at)
        operands.catchClauses()
        ;({ at } = cursor)
        flow.note(height, operands.branches)
        flow.open(blockKinds.block, at)
        break
      case 31: // catch
        while ((bytes[at++] as number) > 0x7f);
        flow.units = units
        flow.reopen(at, height)
        ;({ stop, units } = flow)
        // As many operands as its tag has values; the meter bounds those.
        height = flow.below + 16
        break
      case 33: // delegate
        flow.units = units
        labels.arm[labels.depth - 1] = 0 // its operand comes after what closing writes
        height = flow.close(at)
        ;({ stop, units } = flow)
        cursor.at = at
        operands.label(opcode, start)
        ;({ at } = cursor)
        break
      case 34: // throw
      case 36: // throw_ref
        if (opcode === op.throw) while ((bytes[at++] as number) > 0x7f);
        else parts.met.exceptions = true
        flow.beforeThrow(start)
        ;({ stop } = flow)
        height = flow.below
        break
      case 35: // rethrow
        flow.beforeThrow(start)
        ;({ stop } = flow)
        cursor.at = at
        operands.label(opcode, start)
        ;({ at } = cursor)
        height = flow.below
        break
      case 37: // br_on_null, br_on_non_null
        flow.note(height)
        cursor.at = at
        operands.label(opcode, start)
        ;({ at } = cursor)
        break
      default:
        throw feature(`the module uses an instruction that is not known (0x${opcode.toString(16)})`)
    }
  }
  if (labels.depth !== 0 || at !== end) throw invalid('a function has no end')
  cursor.flush(at)
  flow.compileUnits = compileUnits
  if (isWrapped) {
    checks.refund(facts.locals)
    out.byte(op.end)
  }
  return true
}
