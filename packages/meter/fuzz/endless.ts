// Function bodies that never come to an end by themselves, one for each construct of WebAssembly that can go round.

import { Bytes } from './bytes.ts'

/** A construct that goes round for ever. */
export interface EndlessConstruct {
  readonly name: string
  /** Which encoding of exceptions it needs; engines refuse a module that mixes the two. */
  readonly exceptions?: 'standard' | 'legacy'
  /** The bodies of its functions, all of type `[] -> []`, the first of which is called. `first` is the index of the first. */
  bodies(first: number): readonly (readonly number[])[]
}

const loop = (...inside: readonly number[]): readonly number[] => [0x03, 0x40, ...inside, 0x0b]

const leb = (value: number): readonly number[] => [...new Bytes().u32(value).taken()]

/** See the file's head. Every module has tag 0 without values, table 0 with all functions, an i32 in global 0. */
export const endlessConstructs: readonly EndlessConstruct[] = [
  { name: 'loop with br', bodies: () => [loop(0x0c, 0)] },
  { name: 'loop with br_if', bodies: () => [loop(0x41, 1, 0x0d, 0)] },
  { name: 'loop with br_table', bodies: () => [loop(0x41, 5, 0x0e, 2, 0, 0, 0)] },
  { name: 'loop with br_on_null', bodies: () => [loop(0xd0, 0x70, 0xd5, 0, 0x1a)] },
  {
    name: 'loop with br_on_non_null',
    bodies: (first) => [[0xd2, ...leb(first), 0x03, 2, 0xd6, 0, 0xd2, ...leb(first), 0x0c, 0, 0x0b]],
  },
  { name: 'loop from within an if', bodies: () => [loop(0x41, 1, 0x04, 0x40, 0x0c, 1, 0x05, 0x0c, 1, 0x0b)] },
  {
    name: 'loop from three blocks below',
    bodies: () => [loop(0x02, 0x40, 0x02, 0x40, 0x02, 0x40, 0x0c, 3, 0x0b, 0x0b, 0x0b)],
  },
  {
    name: 'inner loop that ends, outer that does not',
    bodies: () => [loop(0x03, 0x40, 0x41, 0, 0x0d, 0, 0x0b, 0x0c, 0)],
  },
  { name: 'outer loop entered from the inner one', bodies: () => [loop(0x03, 0x40, 0x0c, 1, 0x0b)] },
  { name: 'loop with a parameter', bodies: () => [[0x41, 1, 0x03, 1, 0x0c, 0, 0x0b]] },
  {
    name: 'loop after code that cannot be reached',
    bodies: () => [[0x02, 0x40, 0x0c, 0, 0x03, 0x40, 0x0b, 0x0b, ...loop(0x0c, 0)]],
  },
  { name: 'recursion', bodies: (first) => [[0x10, ...leb(first)]] },
  { name: 'exponential recursion', bodies: (first) => [doubling(first)] },
  {
    name: 'mutual recursion by tail calls',
    bodies: (first) => [
      [0x12, ...leb(first + 1)],
      [0x12, ...leb(first)],
    ],
  },
  { name: 'return_call', bodies: (first) => [[0x12, ...leb(first)]] },
  { name: 'return_call_indirect', bodies: (first) => [[0x41, ...leb(first), 0x13, 0, 0]] },
  { name: 'return_call_ref', bodies: (first) => [[0xd2, ...leb(first), 0x15, 0]] },
  { name: 'loop around call', bodies: (first) => [loop(0x10, ...leb(first + 1), 0x0c, 0), []] },
  { name: 'loop around call_indirect', bodies: (first) => [loop(0x41, ...leb(first + 1), 0x11, 0, 0, 0x0c, 0), []] },
  { name: 'loop around call_ref', bodies: (first) => [loop(0xd2, ...leb(first + 1), 0x14, 0, 0x0c, 0), []] },
  {
    name: 'throw and try_table catch round a loop',
    exceptions: 'standard',
    bodies: () => [loop(0x1f, 0x40, 1, 0, 0, 0, 0x08, 0, 0x0b)],
  },
  {
    name: 'throw and try_table catch_all round a loop',
    exceptions: 'standard',
    bodies: () => [loop(0x1f, 0x40, 1, 2, 0, 0x08, 0, 0x0b)],
  },
  {
    name: 'throw_ref round a loop',
    exceptions: 'standard',
    // A loop that takes an exception, throws it again inside, and catches it with itself as the target.
    bodies: () => [
      [0x02, 0x69, 0x1f, 0x40, 1, 3, 0, 0x08, 0, 0x0b, 0x00, 0x0b, 0x03, 3, 0x1f, 4, 1, 3, 0, 0x0a, 0x0b, 0x00, 0x0b],
    ],
  },
  {
    name: 'throw caught in the caller, round a loop',
    exceptions: 'standard',
    bodies: (first) => [loop(0x1f, 0x40, 1, 2, 0, 0x10, ...leb(first + 1), 0x0b), [0x08, 0]],
  },
  {
    name: 'legacy try and catch_all round a loop',
    exceptions: 'legacy',
    bodies: () => [loop(0x06, 0x40, 0x08, 0, 0x19, 0x0c, 1, 0x0b)],
  },
  {
    name: 'legacy try and catch round a loop',
    exceptions: 'legacy',
    bodies: () => [loop(0x06, 0x40, 0x08, 0, 0x07, 0, 0x0c, 1, 0x0b)],
  },
  {
    name: 'legacy rethrow round a loop',
    exceptions: 'legacy',
    bodies: () => [loop(0x06, 0x40, 0x06, 0x40, 0x08, 0, 0x19, 0x09, 0, 0x0b, 0x19, 0x0c, 1, 0x0b)],
  },
  {
    name: 'legacy delegate round a loop',
    exceptions: 'legacy',
    bodies: () => [loop(0x06, 0x40, 0x06, 0x40, 0x08, 0, 0x18, 0, 0x19, 0x0c, 1, 0x0b)],
  },
  {
    name: 'recursion in a handler',
    exceptions: 'legacy',
    bodies: (first) => [[0x06, 0x40, 0x08, 0, 0x19, 0x10, ...leb(first), 0x0b]],
  },
]

/** Calls itself twice at each of 40 levels: not endless, but nobody waits for it. */
const doubling = (first: number): readonly number[] => {
  const depth = (change: number): readonly number[] => [0x23, 0, 0x41, change, 0x6a, 0x24, 0]
  const call = [0x10, ...leb(first)]
  return [0x23, 0, 0x41, 40, 0x4e, 0x04, 0x40, 0x0f, 0x0b, ...depth(1), ...call, ...call, ...depth(0x7f)]
}

/** Makes the module of a construct: exports `run`, and `again`, which runs it with everything caught around it. */
export const endlessModule = ({ bodies, exceptions }: EndlessConstruct): Uint8Array<ArrayBuffer> => {
  const own = bodies(0)
  const caught = exceptions === 'legacy' ? [0x06, 0x40, 0x10, 0, 0x19, 0x0b] : [0x1f, 0x40, 1, 2, 0, 0x10, 0, 0x0b]
  const all = [...own, [...caught, 0x23, 0, 0x1a]]
  const out = new Bytes().raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  // [] -> []; [i32] -> []; [(ref 0)] -> []; [exnref] -> []; [exnref] -> [] again, for the block inside.
  out.section(
    1,
    new Bytes().raw(5, 0x60, 0, 0, 0x60, 1, 0x7f, 0, 0x60, 1, 0x64, 0, 0, 0x60, 1, 0x69, 0, 0x60, 1, 0x69, 0),
  )
  out.section(3, new Bytes().u32(all.length).raw(...all.map(() => 0)))
  out.section(4, new Bytes().raw(1, 0x70, 0).u32(all.length))
  out.section(13, new Bytes().raw(1, 0, 0))
  out.section(6, new Bytes().raw(1, 0x7f, 1, 0x41, 0, 0x0b))
  out.section(
    7,
    new Bytes()
      .raw(2)
      .name('run')
      .raw(0, 0)
      .name('again')
      .raw(0)
      .u32(all.length - 1),
  )
  out.section(
    9,
    new Bytes()
      .raw(1, 0, 0x41, 0, 0x0b)
      .u32(all.length)
      .raw(...all.keys()),
  )
  const code = new Bytes().u32(all.length)
  for (const body of all) code.u32(body.length + 2).raw(0, ...body, 0x0b)
  return out.section(10, code).taken()
}
