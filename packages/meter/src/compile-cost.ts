// Refuses functions that would take the engine's compilers minutes or gigabytes, which nothing can interrupt: at each
// branch they note where every local and every operand lives. So what is counted is branches times values that are alive.

import { feature } from './fault.ts'
import { skipOperands } from './instructions.ts'
import { Reader } from './reader.ts'
import { type Arity, skipValueType } from './value-types.ts'

/** Values noted by one function, at most: about 16 bytes and some nanoseconds each in V8's first compiler. */
export const mostNotedValues = 8_000_000

/** What the instructions refer to. */
export interface FunctionTypes {
  readonly types: readonly Arity[]
  /** Type index of each function, imported ones first. */
  readonly functions: readonly number[]
  /** Functions that are imported. */
  readonly imported: number
}

/** A block that is open: operands below it, and what it takes and gives. */
interface Block extends Arity {
  readonly below: number
}

const nothing: Arity = { parameters: 0, results: 0 }
const oneResult: Arity = { parameters: 0, results: 1 }
const mostArity: Arity = { parameters: 0, results: 1000 }

/** @throws ModuleFault `artifact.feature` for a function whose compilation would take too much */
export const checkCompileCost = (bodies: readonly Uint8Array[], known: FunctionTypes): void => {
  const mostResults = known.types.reduce((most, { results }) => Math.max(most, results), 1)
  for (const [index, body] of bodies.entries()) {
    const parameters = known.types[known.functions[known.imported + index] ?? -1]?.parameters ?? 0
    const reader = new Reader(body)
    const locals = parameters + skipLocals(reader)
    // No instruction is shorter than a byte, no branch than two: most functions need not be looked at.
    const instructions = reader.end - reader.at
    if ((instructions / 2) * (locals + (instructions / 2) * mostResults) <= mostNotedValues) continue
    const noted = countNotedValues(reader, { locals, known })
    if (noted > mostNotedValues) {
      throw feature(
        `function ${known.imported + index} has too many branches for its ${locals} locals; its compilation would take too long`,
      )
    }
  }
}

const skipLocals = (reader: Reader): number => {
  let locals = 0
  const groups = reader.count('groups of locals', reader.end)
  for (let index = 0; index < groups; index++) {
    locals += reader.u32('the number of locals')
    skipValueType(reader, 'the type of a local')
  }
  return locals
}

const countNotedValues = (reader: Reader, { locals, known }: { locals: number; known: FunctionTypes }): number => {
  const blocks: Block[] = [{ below: 0, ...nothing }]
  let height = 0
  let noted = 0
  while (!reader.done && blocks.length > 0 && noted <= mostNotedValues) {
    const block = blocks[blocks.length - 1] ?? { below: 0, ...nothing }
    const opcode = reader.byte('an instruction')
    const operands = new Reader(reader.bytes, reader.at, reader.end)
    skipOperands(opcode, reader)
    const branches = branchesOf(opcode, operands, blocks.length)
    if (branches > 0) noted += branches * (locals + height)
    switch (opcode) {
      case 0x02: // block, loop, if, try, try_table
      case 0x03:
      case 0x04:
      case 0x06:
      case 0x1f: {
        const arity = blockArity(operands, known)
        if (opcode === 0x04) height--
        blocks.push({ below: Math.max(height - arity.parameters, block.below), ...arity })
        break
      }
      case 0x05: // else
        height = block.below + block.parameters
        break
      case 0x07: // catch: as many operands as its tag has values; the meter bounds those
        height = block.below + 16
        break
      case 0x0b: // end, delegate
      case 0x18:
        height = block.below + block.results
        blocks.pop()
        break
      default:
        height = endsPath.has(opcode) ? block.below : Math.max(height + effectOf(opcode, operands, known), block.below)
    }
  }
  return noted
}

/** unreachable, throw, rethrow, throw_ref, br, br_table, return, tail calls, catch_all: nothing of the block is left. */
const endsPath = new Set([0x00, 0x08, 0x09, 0x0a, 0x0c, 0x0e, 0x0f, 0x12, 0x13, 0x15, 0x19])

/** How many places an instruction may lead to, beside the next one. */
const branchesOf = (opcode: number, operands: Reader, depth: number): number => {
  if (opcode === 0x0e) return Math.min(operands.u32('the entries of a branch table') + 1, depth)
  return (opcode >= 0x02 && opcode <= 0x07) || opcode === 0x0c || opcode === 0x0d || oddBranches.has(opcode) ? 1 : 0
}
/** return, delegate, catch_all, try_table, br_on_null, br_on_non_null */
const oddBranches = new Set([0x0f, 0x18, 0x19, 0x1f, 0xd5, 0xd6])

const blockArity = (operands: Reader, { types }: FunctionTypes): Arity => {
  const first = operands.bytes[operands.at] ?? 0x40
  if (first === 0x40) return nothing
  // A value type is a negative number; a type index is not, and as an unsigned number it reads the same.
  if (first > 0x40 && first < 0x80) return oneResult
  return types[operands.u32('a block type')] ?? mostArity
}

/** By how much the operands grow; more than they do where it is not worth a closer look, never less. */
const effectOf = (opcode: number, operands: Reader, { types, functions }: FunctionTypes): number => {
  const call = (index: number | undefined): number => {
    const { parameters, results } = types[index ?? -1] ?? mostArity
    return results - parameters
  }
  if (opcode === 0x10) return call(functions[operands.u32('a function')])
  if (opcode === 0x11 || opcode === 0x14) return call(operands.u32('a type')) - 1
  if (opcode === 0xfc) return bulkEffects[operands.u32('an instruction')] ?? 0
  if (opcode === 0xfd) {
    const code = operands.u32('an instruction')
    return code === 12 ? 1 : code === 11 || (code >= 88 && code <= 91) ? -2 : code >= 35 && code <= 76 ? -1 : 0
  }
  if (opcode >= 0x28 && opcode <= 0x35) return 0
  if (opcode >= 0x36 && opcode <= 0x3e) return -2
  if (opcode >= 0x41 && opcode <= 0x44) return 1
  if (opcode >= 0x45 && opcode <= 0xc4) return binary.some(([from, to]) => opcode >= from && opcode <= to) ? -1 : 0
  return effects[opcode] ?? 0
}

/** br_if, drop, select, locals, globals, tables, memory.size, references, br_on_non_null. */
const effects: Readonly<Record<number, number>> = {
  0x0d: -1,
  0x1a: -1,
  0x1b: -2,
  0x1c: -2,
  0x20: 1,
  0x21: -1,
  0x23: 1,
  0x24: -1,
  0x26: -2,
  0x3f: 1,
  0xd0: 1,
  0xd2: 1,
  0xd6: -1,
}

/** Bulk memory and tables: 0xfc 8 to 17, and the 128-bit sums. */
const bulkEffects: Readonly<Record<number, number>> = {
  8: -3,
  10: -3,
  11: -3,
  12: -3,
  14: -3,
  15: -1,
  16: 1,
  17: -3,
  19: -2,
  20: -2,
}

/** Ranges of the numeric instructions that take two operands and give one. */
const binary: readonly (readonly [number, number])[] = [
  [0x46, 0x4f],
  [0x51, 0x66],
  [0x6a, 0x78],
  [0x7c, 0x8a],
  [0x92, 0x98],
  [0xa0, 0xa6],
]
