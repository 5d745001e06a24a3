// What the rewriter knows of each instruction of one byte: what operands follow, by how much the stack of operands grows,
// and what it costs. An instruction that is not in here is refused, so that nothing slips by uncounted when the engine
// learns it. Source: WebAssembly core specification 3.0, 5.4 and appendix A.7; the legacy exception handling proposal.

import { priceOf } from './prices.ts'

/** What the rewriter does with an instruction; see rewrite-body.ts. */
export const kinds = {
  unknown: 0,
  /** No operands. */
  plain: 1,
  /** One index that stays as it is: locals, `table.get`. */
  index: 2,
  /** A signed number of up to 64 bits. */
  number: 3,
  f32: 4,
  f64: 5,
  access: 6,
  block: 7,
  loop: 8,
  if: 9,
  else: 10,
  end: 11,
  branch: 12,
  branchTable: 13,
  return: 14,
  call: 15,
  callIndirect: 16,
  callReference: 17,
  global: 18,
  referenceFunction: 19,
  referenceNull: 20,
  selectTyped: 21,
  memorySize: 22,
  memoryGrow: 23,
  tableSet: 24,
  miscellaneous: 25,
  vector: 26,
  atomic: 27,
  garbage: 28,
  try: 29,
  tryTable: 30,
  catch: 31,
  catchAll: 32,
  delegate: 33,
  throw: 34,
  rethrow: 35,
  throwReference: 36,
  branchOnReference: 37,
} as const

/** Kind by opcode. */
export const kindOf = new Uint8Array(256)
/** By how much operands grow, by opcode; more than they do where it is not worth a closer look, never less. */
export const effectOf = new Int8Array(256)
/** Fuel units by opcode. */
export const unitsOf = new Uint8Array(256)

const define = (kind: number, effect: number, ...opcodes: readonly number[]): void => {
  for (const opcode of opcodes) {
    kindOf[opcode] = kind
    effectOf[opcode] = effect
    unitsOf[opcode] = priceOf(0, opcode)
  }
}
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

define(kinds.plain, 0, 0x00, 0x01) // unreachable, nop
define(kinds.block, 0, 0x02)
define(kinds.loop, 0, 0x03)
define(kinds.if, -1, 0x04)
define(kinds.else, 0, 0x05)
define(kinds.try, 0, 0x06)
define(kinds.catch, 0, 0x07)
define(kinds.throw, 0, 0x08)
define(kinds.rethrow, 0, 0x09)
define(kinds.throwReference, 0, 0x0a)
define(kinds.end, 0, 0x0b)
define(kinds.branch, 0, 0x0c)
define(kinds.branch, -1, 0x0d)
define(kinds.branchTable, 0, 0x0e)
define(kinds.return, 0, 0x0f)
define(kinds.call, 0, 0x10, 0x12)
define(kinds.callIndirect, -1, 0x11, 0x13)
define(kinds.callReference, -1, 0x14, 0x15)
define(kinds.delegate, 0, 0x18)
define(kinds.catchAll, 0, 0x19)
define(kinds.plain, -1, 0x1a) // drop
define(kinds.plain, -2, 0x1b) // select
define(kinds.selectTyped, -2, 0x1c)
define(kinds.tryTable, 0, 0x1f)
define(kinds.index, 1, 0x20) // local.get
define(kinds.index, -1, 0x21) // local.set
define(kinds.index, 0, 0x22) // local.tee
define(kinds.global, 1, 0x23)
define(kinds.global, -1, 0x24)
define(kinds.index, 0, 0x25) // table.get
define(kinds.tableSet, -2, 0x26)
define(kinds.access, 0, ...range(0x28, 0x35)) // loads
define(kinds.access, -2, ...range(0x36, 0x3e)) // stores
define(kinds.memorySize, 1, 0x3f)
define(kinds.memoryGrow, 0, 0x40)
define(kinds.number, 1, 0x41, 0x42)
define(kinds.f32, 1, 0x43)
define(kinds.f64, 1, 0x44)
define(kinds.plain, 0, ...range(0x45, 0xc4))
// Of these, all that take two operands.
define(kinds.plain, -1, ...range(0x46, 0x4f), ...range(0x51, 0x66), ...range(0x6a, 0x78))
define(kinds.plain, -1, ...range(0x7c, 0x8a), ...range(0x92, 0x98), ...range(0xa0, 0xa6))
define(kinds.referenceNull, 1, 0xd0)
define(kinds.plain, 0, 0xd1) // ref.is_null
define(kinds.referenceFunction, 1, 0xd2)
define(kinds.plain, -1, 0xd3) // ref.eq
define(kinds.plain, 0, 0xd4) // ref.as_non_null
define(kinds.branchOnReference, 0, 0xd5)
define(kinds.branchOnReference, -1, 0xd6)
define(kinds.garbage, 0, 0xfb)
define(kinds.miscellaneous, 0, 0xfc)
define(kinds.vector, 0, 0xfd)
define(kinds.atomic, 0, 0xfe)
