// What fuel costs: the one table. docs/reference/fuel.md shows it, and a test compares the two.

/** A range of opcodes: a prefix (0 for instructions of one byte) and the first and last code after it. */
type Codes = readonly [prefix: number, first: number, last?: number]

/** Instructions of one price. */
export interface PriceGroup {
  readonly units: number
  readonly what: string
  readonly codes: readonly Codes[]
}

/** Units per instruction; one that stands in no group costs {@link defaultUnits}. */
export const priceGroups: readonly PriceGroup[] = [
  {
    units: 0,
    what: '`nop`, `block`, `loop`, `else`, `end`, `try`, `try_table`, `catch`, `catch_all`, `delegate`',
    codes: [
      [0, 0x01, 0x03],
      [0, 0x05, 0x07],
      [0, 0x0b],
      [0, 0x18, 0x19],
      [0, 0x1f],
    ],
  },
  {
    units: 4,
    what: 'division, remainder and square root of numbers',
    codes: [
      [0, 0x6d, 0x70],
      [0, 0x7f, 0x82],
      [0, 0x91],
      [0, 0x95],
      [0, 0x9f],
      [0, 0xa3],
    ],
  },
  {
    units: 4,
    what: '`call`, `call_ref`, `return_call`, `return_call_ref`',
    codes: [
      [0, 0x10],
      [0, 0x12],
      [0, 0x14],
      [0, 0x15],
    ],
  },
  {
    units: 6,
    what: '`call_indirect`, `return_call_indirect`',
    codes: [
      [0, 0x11],
      [0, 0x13],
    ],
  },
  {
    units: 8,
    what: 'division and square root of vectors',
    codes: [
      [0xfd, 227],
      [0xfd, 231],
      [0xfd, 239],
      [0xfd, 243],
    ],
  },
  { units: 8, what: 'atomic accesses, `atomic.fence`', codes: [[0xfe, 3, 0x4e]] },
  {
    units: 8,
    what: '`memory.fill`, `memory.copy`, `memory.init`, `table.fill`, `table.copy`, `table.init`, `array.fill`, `array.copy`, `array.init_data`, `array.init_elem`, beside their length',
    codes: [
      [0xfc, 8],
      [0xfc, 10, 12],
      [0xfc, 14],
      [0xfc, 17],
      [0xfb, 16, 19],
    ],
  },
  {
    units: 8,
    what: '`struct.new`, `array.new` and their like, beside their size',
    codes: [
      [0xfb, 0, 1],
      [0xfb, 6, 10],
    ],
  },
  { units: 4, what: '`ref.test`, `ref.cast`, `br_on_cast`, `br_on_cast_fail`', codes: [[0xfb, 20, 25]] },
  { units: 50, what: '`memory.atomic.notify`, `memory.atomic.wait32`, `memory.atomic.wait64`', codes: [[0xfe, 0, 2]] },
  {
    units: 200,
    what: '`memory.grow`, `table.grow`',
    codes: [
      [0, 0x40],
      [0xfc, 15],
    ],
  },
  { units: 200, what: '`throw`, `throw_ref`, `rethrow`', codes: [[0, 0x08, 0x0a]] },
]

/** Every other instruction. */
export const defaultUnits = 1

/** What the length of an operation costs: a unit for each so many bytes or elements, rounded down. */
export const unitLengths = [
  { per: 64, what: 'bytes that `memory.fill`, `memory.copy` or `memory.init` is asked for' },
  {
    per: 8,
    what: 'elements that `table.fill`, `table.copy`, `table.init`, `table.grow`, `array.fill`, `array.copy`, `array.init_data` or `array.init_elem` is asked for',
  },
  { per: 16, what: 'bytes of a new struct or array, as [counted](../how-to/limits.md) against memory' },
] as const

const byCode = new Map<number, number>()
for (const { units, codes } of priceGroups) {
  for (const [prefix, first, last = first] of codes) {
    for (let code = first; code <= last; code++) byCode.set(prefix * 0x1000 + code, units)
  }
}

/** Units of an instruction. */
export const priceOf = (prefix: number, code: number): number => byCode.get(prefix * 0x1000 + code) ?? defaultUnits
