// Refuses functions that would take the engine's compilers minutes or gigabytes, which nothing can interrupt, and which happens
// when a guest first calls them. At each branch the compilers note where every local and every operand lives: branches times
// values that are alive are counted. Some instructions become much code by themselves: those are counted as well.

import { feature } from './fault.ts'

/** Values noted by one function, at most: about 16 bytes and some nanoseconds each in V8's first compiler. */
export const mostNotedValues = 10_000_000
/** Most of {@link compileUnitsOf} in one function: some hundredths of a second. */
const mostCompileUnits = 4_000_000

/** What V8's first compiler takes for an instruction beside its operands, by opcode, in units of five nanoseconds. */
export const compileUnitsOf = new Uint8Array(256)

for (const [units, opcodes] of [
  // if, try, return; table.get, table.set, memory.grow
  [40, [0x04, 0x06, 0x0f, 0x25, 0x26, 0x40]],
  // call, return_call
  [60, [0x10, 0x12]],
  // throw, rethrow, throw_ref
  [200, [0x08, 0x09, 0x0a]],
  // Calls through a table or a reference
  [250, [0x11, 0x13, 0x14, 0x15]],
  // Divisions, shifts and rotations
  [50, [0x6d, 0x6e, 0x6f, 0x70, 0x74, 0x75, 0x76, 0x77, 0x78, 0x7f, 0x80, 0x81, 0x82, 0x86, 0x87, 0x88, 0x89, 0x8a]],
  // Conversions that may trap
  [45, [0xa8, 0xa9, 0xaa, 0xab, 0xae, 0xb0]],
  [100, [0xaf]],
  [190, [0xb1]],
  // Behind a prefix: objects, saturating conversions and bulk operations, vectors, atomics
  [200, [0xfb, 0xfc]],
  [40, [0xfd]],
  [60, [0xfe]],
] as const) {
  for (const opcode of opcodes) compileUnitsOf[opcode] = units
}

/** What compiling a function takes. */
export interface CompileCost {
  readonly noted: number
  readonly compileUnits: number
}

/** @throws ModuleFault `artifact.feature` for a function whose compilation would take too much */
export const checkCompileCost = (
  { noted, compileUnits }: CompileCost,
  { index, locals }: { index: number; locals: number },
): void => {
  if (noted > mostNotedValues) {
    throw feature(
      `function ${index} has too many branches for its ${locals} locals; its compilation would take too long`,
    )
  }
  if (compileUnits > mostCompileUnits) {
    throw feature(`function ${index} has too many calls and the like; its compilation would take too long`)
  }
}
