// Opcodes that the meter writes, and the sequences of them that it writes often.

import type { Output } from './output.ts'

/** Opcodes (5.4). */
export const op = {
  unreachable: 0x00,
  nop: 0x01,
  block: 0x02,
  loop: 0x03,
  if: 0x04,
  else: 0x05,
  try: 0x06,
  throw: 0x08,
  rethrow: 0x09,
  throwReference: 0x0a,
  end: 0x0b,
  branch: 0x0c,
  branchIf: 0x0d,
  branchTable: 0x0e,
  return: 0x0f,
  call: 0x10,
  returnCall: 0x12,
  returnCallIndirect: 0x13,
  returnCallReference: 0x15,
  delegate: 0x18,
  catchAll: 0x19,
  drop: 0x1a,
  select: 0x1b,
  tryTable: 0x1f,
  localGet: 0x20,
  localSet: 0x21,
  localTee: 0x22,
  globalGet: 0x23,
  globalSet: 0x24,
  i32Load: 0x28,
  memorySize: 0x3f,
  memoryGrow: 0x40,
  i32Const: 0x41,
  i64Const: 0x42,
  i32Eqz: 0x45,
  i32Eq: 0x46,
  i32LtS: 0x48,
  i32LtU: 0x49,
  i32GtU: 0x4b,
  i32LeU: 0x4d,
  i64Eqz: 0x50,
  i64Eq: 0x51,
  i64Ne: 0x52,
  i64LtS: 0x53,
  i64LtU: 0x54,
  i64GtS: 0x55,
  i64GtU: 0x56,
  i64LeU: 0x58,
  i64GeU: 0x5a,
  i32Add: 0x6a,
  i32Sub: 0x6b,
  i32And: 0x71,
  i32Or: 0x72,
  i64Add: 0x7c,
  i64Sub: 0x7d,
  i64Mul: 0x7e,
  i64Shl: 0x86,
  i64ShrU: 0x88,
  i32Wrap: 0xa7,
  i64ExtendS: 0xac,
  i64ExtendU: 0xad,
  tableSize: 16,
  miscellaneous: 0xfc,
  garbage: 0xfb,
  atomic: 0xfe,
} as const

/** Block type without parameters and results. */
export const empty = 0x40

/** An instruction with one index. */
export const indexed = (out: Output, opcode: number, index: number): void => {
  out.byte(opcode)
  out.u32(index)
}

/** An instruction behind a prefix, with indexes. */
export const prefixed = (out: Output, prefix: number, code: number, ...operands: readonly number[]): void => {
  out.byte(prefix)
  out.u32(code)
  for (const operand of operands) out.u32(operand)
}

/** A constant of 32 or 64 bits. */
export const constant = (out: Output, opcode: typeof op.i32Const | typeof op.i64Const, value: number): void => {
  out.byte(opcode)
  out.signed(value)
}
