// The instructions behind the prefixes 0xfc (numbers, bulk operations), 0xfd (vectors), 0xfe (atomics) and 0xfb (garbage
// collection): which codes exist, what follows them, how operands grow, what they cost. Source: as opcodes.ts.

import { priceOf } from './prices.ts'

/** What follows the code of a vector instruction. */
export const vectorForms = { unknown: 0, plain: 1, access: 2, accessLane: 3, lane: 4, sixteen: 5 } as const

const mostVectorCode = 0x113

/** Form by code. */
export const vectorFormOf = new Uint8Array(mostVectorCode + 1)
/** By how much operands grow, by code; see opcodes.ts. */
export const vectorEffectOf = new Int8Array(mostVectorCode + 1)
/** Fuel units by code. */
export const vectorUnitsOf = new Uint8Array(mostVectorCode + 1)

const define = (form: number, effect: number, first: number, last = first): void => {
  for (let code = first; code <= last; code++) {
    vectorFormOf[code] = form
    vectorEffectOf[code] = effect
    vectorUnitsOf[code] = priceOf(0xfd, code)
  }
}
define(vectorForms.plain, 0, 14, mostVectorCode)
define(vectorForms.access, 0, 0, 10) // loads
define(vectorForms.access, -2, 11) // v128.store
define(vectorForms.sixteen, 1, 12) // v128.const
define(vectorForms.sixteen, -1, 13) // i8x16.shuffle
define(vectorForms.plain, -1, 14) // i8x16.swizzle
define(vectorForms.lane, 0, 21, 34)
define(vectorForms.plain, -1, 35, 76) // comparisons
define(vectorForms.accessLane, -1, 84, 87) // load lanes
define(vectorForms.accessLane, -2, 88, 91) // store lanes
define(vectorForms.access, 0, 92, 93) // load zero

// Codes that no instruction has.
for (const [first, last] of [
  [0x9a, 0x9a],
  [0xa2, 0xa2],
  [0xa5, 0xa6],
  [0xaf, 0xb0],
  [0xb2, 0xb4],
  [0xbb, 0xbb],
  [0xc2, 0xc2],
  [0xc5, 0xc6],
  [0xcf, 0xd0],
  [0xd2, 0xd4],
  [0xe2, 0xe2],
  [0xee, 0xee],
] as const) {
  vectorFormOf.fill(vectorForms.unknown, first, last + 1)
}

/** Units of the codes behind 0xfc, 0xfe and 0xfb. */
export const unitsOfPrefixed = (prefix: 0xfb | 0xfc | 0xfe, count: number): Uint8Array =>
  Uint8Array.from({ length: count }, (_, code) => priceOf(prefix, code))

/** Codes behind 0xfc that have no operands, with how operands grow. */
export const numericEffects: Readonly<Record<number, number>> = {
  0: 0,
  1: 0,
  2: 0,
  3: 0,
  4: 0,
  5: 0,
  6: 0,
  7: 0,
  // i64.add128, i64.sub128, i64.mul_wide_s, i64.mul_wide_u
  19: -2,
  20: -2,
  21: 0,
  22: 0,
}

/** How operands grow by atomic accesses (0xfe): notify, waits, loads, stores, and read-modify-writes in sevens. */
export const atomicEffectOf = (code: number): number => {
  if (code === 0x00) return -1
  if (code <= 0x02) return -2
  if (code === 0x03) return 0
  if (code >= 0x10 && code <= 0x16) return 0
  if (code >= 0x17 && code <= 0x1d) return -2
  return code <= 0x47 ? -1 : -2
}

/** Whether an atomic instruction of this code exists. */
export const isAtomic = (code: number): boolean => code <= 0x03 || (code >= 0x10 && code <= 0x4e)

/** By prefix, codes of instructions that become calls or cost as much. */
const callLike: Readonly<Record<number, ReadonlySet<number>>> = {
  [0xfc]: new Set([8, 10, 11, 12, 14, 15, 17]),
  [0xfe]: new Set([0, 1, 2]),
  [0xfb]: new Set([0, 1, 6, 7, 8, 9, 10, 16, 17, 18, 19]),
}

/** Whether an instruction becomes a call, or costs as much; `first` is the byte after its opcode. */
export const isLikeCall = (opcode: number, first: number): boolean =>
  first > 0x7f || (callLike[opcode]?.has(first) ?? true)
