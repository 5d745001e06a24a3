// Imported functions that become accesses of the memory of blocks: Extism plugins call one for every eight bytes that they
// move, and a call out of WebAssembly for each would cost more than the plugin's own work. Offsets are 64 bits wide; what
// lies beyond the end of the blocks traps, as the memory may have served somebody who needed more of it. The engine checks
// every access against the blocks' memory, which holds nothing else.

import { feature } from './fault.ts'
import type { Layout } from './layout.ts'
import { Output } from './output.ts'

/** What such a function does. */
export type Operation =
  | 'load-u8'
  | 'load-u64'
  | 'store-u8'
  | 'store-u64'
  | 'input-load-u8'
  | 'input-load-u64'
  | 'input-length'
  | 'input-offset'

/** An imported function that is not called but substituted. */
export interface Substitution {
  readonly module: string
  readonly name: string
  readonly operation: Operation
}

const i32 = 0x7f
const i64 = 0x7e

/** Parameters and results of each, as value types. */
const signatures: Readonly<Record<Operation, readonly [parameters: readonly number[], results: readonly number[]]>> = {
  'load-u8': [[i64], [i32]],
  'load-u64': [[i64], [i64]],
  'store-u8': [[i64, i32], []],
  'store-u64': [[i64, i64], []],
  'input-load-u8': [[i64], [i32]],
  'input-load-u64': [[i64], [i64]],
  'input-length': [[], [i64]],
  'input-offset': [[], [i64]],
}

/** The bytes of the function type that an operation must have. */
export const typeOfOperation = (operation: Operation): readonly number[] => {
  const [parameters, results] = signatures[operation]
  return [0x60, parameters.length, ...parameters, results.length, ...results]
}

/** @throws ModuleFault when the module declares the function with another type */
export const checkSubstitution = ({ module, name, operation }: Substitution, declared: Uint8Array): void => {
  const wanted = typeOfOperation(operation)
  if (declared.length === wanted.length && declared.every((byte, index) => byte === wanted[index])) return
  throw feature(`the module imports ${module}.${name} with a type that it does not have`)
}

/** Instructions that access memory, without their operands. */
const accesses = { 'load-u8': 0x2d, 'load-u64': 0x29, 'store-u8': 0x3a, 'store-u64': 0x37 } as const

/** The body of the function that stands in for the import. */
export const substituteBody = (operation: Operation, layout: Layout): Uint8Array => {
  const out = new Output(64)
  out.byte(0)
  /** i64 index of the input in local 0 as an i32 address. */
  const inInput = (): void => {
    const load = (): void => {
      out.raw([0x20, 0])
      global(layout.inputOffset)
      out.byte(0x7c)
    }
    load()
    out.raw([0x42, 32, 0x88, 0x50, 0x45, 0x04, 0x40, 0x00, 0x0b]) // >> 32 != 0: unreachable
    load()
    out.byte(0xa7)
  }
  /** i64 address in local 0 as an i32, of so many bytes that lie before the end of the blocks. */
  const inBlocks = (bytes: 1 | 8): void => {
    out.raw([0x20, 0])
    global(layout.blocksEnd)
    out.raw([0x42, bytes, 0x7d, 0x56, 0x04, 0x40, 0x00, 0x0b, 0x20, 0, 0xa7]) // > end - bytes: unreachable
  }
  const global = (index: number): void => {
    out.byte(0x23)
    out.u32(index)
  }
  const access = (opcode: number): void => {
    out.byte(opcode)
    out.byte(0x40) // alignment 2^0, with bit 6: a memory index follows
    out.u32(layout.blocksMemory)
    out.byte(0)
  }
  /** Reads past the end of the input give 0. */
  const zeroBeyond = (bytes: 1 | 8): void => {
    const zero = bytes === 1 ? [0x41, 0] : [0x42, 0]
    out.raw([0x20, 0])
    global(layout.inputLength)
    out.raw([0x5a, 0x04, 0x40, ...zero, 0x0f, 0x0b]) // i64.ge_u
    if (bytes === 1) return
    out.raw([0x42, 8])
    global(layout.inputLength)
    out.raw([0x20, 0, 0x7d, 0x56, 0x04, 0x40, ...zero, 0x0f, 0x0b]) // 8 > length - index
  }
  switch (operation) {
    case 'input-length':
      global(layout.inputLength)
      break
    case 'input-offset':
      global(layout.inputOffset)
      break
    case 'load-u8':
    case 'load-u64':
      inBlocks(operation === 'load-u8' ? 1 : 8)
      access(accesses[operation])
      break
    case 'store-u8':
    case 'store-u64':
      inBlocks(operation === 'store-u8' ? 1 : 8)
      out.raw([0x20, 1])
      access(accesses[operation])
      break
    case 'input-load-u8':
      zeroBeyond(1)
      inInput()
      access(accesses['load-u8'])
      break
    case 'input-load-u64':
      zeroBeyond(8)
      inInput()
      access(accesses['load-u64'])
      break
    default:
  }
  out.byte(0x0b)
  return out.taken()
}
