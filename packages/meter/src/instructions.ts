// Steps over instructions (WebAssembly core specification 3.0, 5.4): how long each one is, nothing about what it does. An
// instruction that is not known here is refused, so that nothing slips by uncounted when the engine learns it.

import { feature, invalid } from './fault.ts'
import type { Reader } from './reader.ts'
import { skipReferenceType, skipValueType } from './value-types.ts'

const what = 'an instruction'

const skipU32 = (reader: Reader, count: number): void => {
  for (let index = 0; index < count; index++) reader.u32(what)
}

const skipMemoryArgument = (reader: Reader): void => {
  // Bit 6 of the alignment announces a memory index (multi-memory).
  if (reader.u32(what) & 0x40) reader.u32(what)
  reader.u32(what)
}

const skipBlockType = (reader: Reader): void => {
  const first = reader.bytes[reader.at]
  if (first === 0x63 || first === 0x64) skipReferenceType(reader, 'value', what)
  else reader.skipSigned(33, what)
}

const skipVector = (reader: Reader, skip: () => void): void => {
  const count = reader.count('entries of an instruction', reader.end)
  for (let index = 0; index < count; index++) skip()
}

const skipCatch = (reader: Reader): void => {
  const kind = reader.byte(what)
  if (kind > 3) throw invalid('a catch clause is of an unknown kind')
  skipU32(reader, kind < 2 ? 2 : 1)
}

/** Number of index operands of instructions 0xfc 8 to 17 (bulk memory and tables). */
const bulkOperands = [2, 1, 2, 1, 2, 1, 2, 1, 1, 1]

const skipBulk = (reader: Reader): void => {
  const code = reader.u32(what)
  // 0 to 7 convert numbers, 19 to 22 calculate with 128 bits; they have no operands.
  if (code <= 7 || (code >= 19 && code <= 22)) return
  const operands = bulkOperands[code - 8]
  if (operands === undefined) throw feature(`the module uses an instruction that is not known (0xfc ${code})`)
  skipU32(reader, operands)
}

const skipVectorInstruction = (reader: Reader): void => {
  const code = reader.u32(what)
  if (code <= 11 || code === 92 || code === 93) skipMemoryArgument(reader)
  else if (code === 12 || code === 13) reader.skip(16, what)
  else if (code >= 21 && code <= 34) reader.skip(1, what)
  else if (code >= 84 && code <= 91) {
    skipMemoryArgument(reader)
    reader.skip(1, what)
  } else if (code > 0x113) throw feature(`the module uses an instruction that is not known (0xfd ${code})`)
}

const skipAtomic = (reader: Reader): void => {
  const code = reader.u32(what)
  if (code === 3) reader.skip(1, what)
  else if (code <= 0x4e) skipMemoryArgument(reader)
  else throw feature(`the module uses an instruction that is not known (0xfe ${code})`)
}

/** Steps over the operands of the instruction whose opcode was just read. @throws ModuleFault */
export const skipOperands = (opcode: number, reader: Reader): void => {
  if (opcode >= 0x45 && opcode <= 0xc4) return
  if (opcode >= 0x28 && opcode <= 0x3e) return skipMemoryArgument(reader)
  switch (opcode) {
    case 0x00: // unreachable, nop, else, throw_ref, end, return, catch_all, drop, select
    case 0x01:
    case 0x05:
    case 0x0a:
    case 0x0b:
    case 0x0f:
    case 0x19:
    case 0x1a:
    case 0x1b:
    case 0xd1: // ref.is_null, ref.as_non_null
    case 0xd4:
      return
    case 0x02: // block, loop, if, try
    case 0x03:
    case 0x04:
    case 0x06:
      return skipBlockType(reader)
    case 0x0e: // br_table
      skipVector(reader, () => reader.u32(what))
      return skipU32(reader, 1)
    case 0x11: // call_indirect and its tail call
    case 0x13:
      return skipU32(reader, 2)
    case 0x1c: // select with types
      return skipVector(reader, () => skipValueType(reader, what))
    case 0x1f: // try_table
      skipBlockType(reader)
      return skipVector(reader, () => skipCatch(reader))
    case 0x07: // catch, throw, rethrow, br, br_if, call, return_call, call_ref, return_call_ref, delegate
    case 0x08:
    case 0x09:
    case 0x0c:
    case 0x0d:
    case 0x10:
    case 0x12:
    case 0x14:
    case 0x15:
    case 0x18:
    case 0x20: // locals, globals, tables
    case 0x21:
    case 0x22:
    case 0x23:
    case 0x24:
    case 0x25:
    case 0x26:
    case 0x3f: // memory.size, memory.grow
    case 0x40:
    case 0xd2: // ref.func, br_on_null, br_on_non_null
    case 0xd5:
    case 0xd6:
      return skipU32(reader, 1)
    case 0x41:
      return reader.skipSigned(32, what)
    case 0x42:
      return reader.skipSigned(64, what)
    case 0x43:
      return reader.skip(4, what)
    case 0x44:
      return reader.skip(8, what)
    case 0xd0:
      return reader.skipSigned(33, what)
    case 0xfb:
      throw feature(
        "the module uses garbage-collected types (wasm GC), for which the engine's memory limit does not hold",
      )
    case 0xfc:
      return skipBulk(reader)
    case 0xfd:
      return skipVectorInstruction(reader)
    case 0xfe:
      return skipAtomic(reader)
    default:
      throw feature(`the module uses an instruction that is not known (0x${opcode.toString(16)})`)
  }
}
