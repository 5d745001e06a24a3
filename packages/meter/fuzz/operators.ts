// The instructions without control flow that the generator draws from: what each takes and gives. Opcodes as in the
// WebAssembly core specification 3.0, appendix "Index of Instructions".

/** Types of values; `ref<n>` is a nullable reference to a function of type n. */
export type ValueType = 'i32' | 'i64' | 'f32' | 'f64' | 'v128' | 'funcref' | 'externref' | 'exnref' | `ref${number}`

/** Numbers, as JavaScript can hold them. */
export const numberTypes = ['i32', 'i64', 'f32', 'f64'] as const

/** An instruction: its bytes, what it takes, what it gives. */
export interface Operator {
  readonly code: readonly number[]
  readonly takes: readonly ValueType[]
  readonly gives: ValueType
  /** Lanes that an immediate byte chooses from. */
  readonly lanes?: number
  /** How results that are no numbers are to be made one and the same: engines may differ in their bits. */
  readonly canonical?: 'f32' | 'f64' | 'f32x4' | 'f64x2'
  /** Whether it traps for some operands. */
  readonly traps?: boolean
}

type Row = readonly [first: number, last: number, takes: string, gives: ValueType]

const scalar: readonly Row[] = [
  [0x45, 0x45, 'i32', 'i32'],
  [0x46, 0x4f, 'i32 i32', 'i32'],
  [0x50, 0x50, 'i64', 'i32'],
  [0x51, 0x5a, 'i64 i64', 'i32'],
  [0x5b, 0x60, 'f32 f32', 'i32'],
  [0x61, 0x66, 'f64 f64', 'i32'],
  [0x67, 0x69, 'i32', 'i32'],
  [0x6a, 0x78, 'i32 i32', 'i32'],
  [0x79, 0x7b, 'i64', 'i64'],
  [0x7c, 0x8a, 'i64 i64', 'i64'],
  [0x8b, 0x91, 'f32', 'f32'],
  [0x92, 0x98, 'f32 f32', 'f32'],
  [0x99, 0x9f, 'f64', 'f64'],
  [0xa0, 0xa6, 'f64 f64', 'f64'],
  [0xa7, 0xa7, 'i64', 'i32'],
  [0xa8, 0xa9, 'f32', 'i32'],
  [0xaa, 0xab, 'f64', 'i32'],
  [0xac, 0xad, 'i32', 'i64'],
  [0xae, 0xaf, 'f32', 'i64'],
  [0xb0, 0xb1, 'f64', 'i64'],
  [0xb2, 0xb3, 'i32', 'f32'],
  [0xb4, 0xb5, 'i64', 'f32'],
  [0xb6, 0xb6, 'f64', 'f32'],
  [0xb7, 0xb8, 'i32', 'f64'],
  [0xb9, 0xba, 'i64', 'f64'],
  [0xbb, 0xbb, 'f32', 'f64'],
  [0xbc, 0xbc, 'f32', 'i32'],
  [0xbd, 0xbd, 'f64', 'i64'],
  [0xbe, 0xbe, 'i32', 'f32'],
  [0xbf, 0xbf, 'i64', 'f64'],
  [0xc0, 0xc1, 'i32', 'i32'],
  [0xc2, 0xc4, 'i64', 'i64'],
]

/** 0xfc: saturating truncations. */
const saturating: readonly Row[] = [
  [0, 1, 'f32', 'i32'],
  [2, 3, 'f64', 'i32'],
  [4, 5, 'f32', 'i64'],
  [6, 7, 'f64', 'i64'],
]

/** 0xfd, without memory, constants and shuffles. */
const vector: readonly Row[] = [
  [14, 14, 'v128 v128', 'v128'],
  [15, 17, 'i32', 'v128'],
  [18, 18, 'i64', 'v128'],
  [19, 19, 'f32', 'v128'],
  [20, 20, 'f64', 'v128'],
  [35, 76, 'v128 v128', 'v128'],
  [77, 77, 'v128', 'v128'],
  [78, 81, 'v128 v128', 'v128'],
  [82, 82, 'v128 v128 v128', 'v128'],
  [83, 83, 'v128', 'i32'],
  [94, 98, 'v128', 'v128'],
  [99, 100, 'v128', 'i32'],
  [101, 102, 'v128 v128', 'v128'],
  [103, 106, 'v128', 'v128'],
  [107, 109, 'v128 i32', 'v128'],
  [110, 115, 'v128 v128', 'v128'],
  [116, 117, 'v128', 'v128'],
  [118, 121, 'v128 v128', 'v128'],
  [122, 122, 'v128', 'v128'],
  [123, 123, 'v128 v128', 'v128'],
  [124, 129, 'v128', 'v128'],
  [130, 130, 'v128 v128', 'v128'],
  [131, 132, 'v128', 'i32'],
  [133, 134, 'v128 v128', 'v128'],
  [135, 138, 'v128', 'v128'],
  [139, 141, 'v128 i32', 'v128'],
  [142, 147, 'v128 v128', 'v128'],
  [148, 148, 'v128', 'v128'],
  [149, 153, 'v128 v128', 'v128'],
  [155, 159, 'v128 v128', 'v128'],
  [160, 161, 'v128', 'v128'],
  [163, 164, 'v128', 'i32'],
  [167, 170, 'v128', 'v128'],
  [171, 173, 'v128 i32', 'v128'],
  [174, 174, 'v128 v128', 'v128'],
  [177, 177, 'v128 v128', 'v128'],
  [181, 186, 'v128 v128', 'v128'],
  [188, 191, 'v128 v128', 'v128'],
  [192, 193, 'v128', 'v128'],
  [195, 196, 'v128', 'i32'],
  [199, 202, 'v128', 'v128'],
  [203, 205, 'v128 i32', 'v128'],
  [206, 206, 'v128 v128', 'v128'],
  [209, 209, 'v128 v128', 'v128'],
  [213, 223, 'v128 v128', 'v128'],
  [224, 225, 'v128', 'v128'],
  [227, 227, 'v128', 'v128'],
  [228, 235, 'v128 v128', 'v128'],
  [236, 237, 'v128', 'v128'],
  [239, 239, 'v128', 'v128'],
  [240, 247, 'v128 v128', 'v128'],
  [248, 255, 'v128', 'v128'],
]

/** Lanes: [first, last, takes, gives, lanes]. */
const laned: readonly (readonly [...Row, number])[] = [
  [21, 22, 'v128', 'i32', 16],
  [23, 23, 'v128 i32', 'v128', 16],
  [24, 25, 'v128', 'i32', 8],
  [26, 26, 'v128 i32', 'v128', 8],
  [27, 27, 'v128', 'i32', 4],
  [28, 28, 'v128 i32', 'v128', 4],
  [29, 29, 'v128', 'i64', 2],
  [30, 30, 'v128 i64', 'v128', 2],
  [31, 31, 'v128', 'f32', 4],
  [32, 32, 'v128 f32', 'v128', 4],
  [33, 33, 'v128', 'f64', 2],
  [34, 34, 'v128 f64', 'v128', 2],
]

const within = (code: number, ...ranges: readonly (readonly [number, number])[]): boolean =>
  ranges.some(([first, last]) => code >= first && code <= last)

const canonicalVector = (code: number): 'f32x4' | 'f64x2' | undefined => {
  if (within(code, [94, 94], [103, 106], [224, 235])) return 'f32x4'
  return within(code, [95, 95], [116, 117], [122, 122], [148, 148], [236, 247]) ? 'f64x2' : undefined
}

const leb = (code: number): readonly number[] => (code < 0x80 ? [code] : [(code & 0x7f) | 0x80, code >> 7])

const expand = (rows: readonly (Row | readonly [...Row, number])[], prefix: number | undefined): Operator[] =>
  rows.flatMap(([first, last, takes, gives, lanes]) =>
    Array.from({ length: last - first + 1 }, (_, offset) => {
      const code = first + offset
      const canonical =
        prefix === 0xfd && gives === 'v128'
          ? canonicalVector(code)
          : gives === 'f32' || gives === 'f64'
            ? gives
            : undefined
      // Divisions, remainders, and truncations that do not saturate.
      const traps = prefix === undefined && within(code, [0x6d, 0x70], [0x7f, 0x82], [0xa8, 0xab], [0xae, 0xb1])
      return {
        code: prefix === undefined ? [code] : [prefix, ...leb(code)],
        takes: takes.split(' ') as ValueType[],
        gives,
        ...(lanes === undefined ? {} : { lanes }),
        ...(canonical === undefined ? {} : { canonical }),
        ...(traps ? { traps } : {}),
      }
    }),
  )

/** All of them. */
export const operators: readonly Operator[] = [
  ...expand(scalar, undefined),
  ...expand(saturating, 0xfc),
  ...expand(vector, 0xfd),
  ...expand(laned, 0xfd),
]

/** An access of memory: its bytes, the type of the value, and the exponent of its natural alignment. */
export interface Access {
  readonly code: readonly number[]
  readonly type: ValueType
  readonly alignment: number
  readonly lanes?: number
}

const plain = (codes: readonly number[], type: ValueType, alignment: number): Access[] =>
  codes.map((code) => ({ code: [code], type, alignment }))

/** Loads. */
export const loads: readonly Access[] = [
  ...plain([0x28], 'i32', 2),
  ...plain([0x29], 'i64', 3),
  ...plain([0x2a], 'f32', 2),
  ...plain([0x2b], 'f64', 3),
  ...plain([0x2c, 0x2d], 'i32', 0),
  ...plain([0x2e, 0x2f], 'i32', 1),
  ...plain([0x30, 0x31], 'i64', 0),
  ...plain([0x32, 0x33], 'i64', 1),
  ...plain([0x34, 0x35], 'i64', 2),
  ...[4, 3, 3, 3, 3, 3, 3, 0, 1, 2, 3].map(
    (alignment, code) => ({ code: [0xfd, code], type: 'v128', alignment }) as const,
  ),
  { code: [0xfd, 92], type: 'v128', alignment: 2 },
  { code: [0xfd, 93], type: 'v128', alignment: 3 },
]

/** Stores. */
export const stores: readonly Access[] = [
  ...plain([0x36], 'i32', 2),
  ...plain([0x37], 'i64', 3),
  ...plain([0x38], 'f32', 2),
  ...plain([0x39], 'f64', 3),
  ...plain([0x3a], 'i32', 0),
  ...plain([0x3b], 'i32', 1),
  ...plain([0x3c], 'i64', 0),
  ...plain([0x3d], 'i64', 1),
  ...plain([0x3e], 'i64', 2),
  { code: [0xfd, 11], type: 'v128', alignment: 4 },
]

/** Loads of one lane (0xfd 84 to 87); the stores are four further on. */
export const laneLoads: readonly Required<Access>[] = [0, 1, 2, 3].map((alignment) => ({
  code: [0xfd, 84 + alignment],
  type: 'v128',
  alignment,
  lanes: 16 >> alignment,
}))
