// Atomic accesses in generated bodies, of shared memories and of others, aligned but for a few; waits are short.

import type { BodyWriter } from './body-writer.ts'
import type { ValueType } from './operators.ts'

/** The seven shapes that every kind of access has, in the order of their opcodes. */
const shapes: readonly (readonly [type: 'i32' | 'i64', alignment: number])[] = [
  ['i32', 2],
  ['i64', 3],
  ['i32', 0],
  ['i32', 1],
  ['i64', 0],
  ['i64', 1],
  ['i64', 2],
]

/** First opcode of the loads, the stores, the six kinds that read and write, and of compare-and-exchange (prefix 0xfe). */
const first = { load: 0x10, store: 0x17, change: 0x1e, exchange: 0x48 } as const

const address = (body: BodyWriter, memory: number): void => {
  const { random, code, plan } = body
  const bytes = (plan.memories[memory]?.min ?? 0) * 65_536
  const at = bytes === 0 || random.chance(3) ? bytes : random.below(bytes >> 3) * 8
  code.raw(0x41).signed(random.chance(97) ? at : at + 1)
  body.widen(body.memoryIs64(memory))
}

const argument = (body: BodyWriter, alignment: number, memory: number): void => {
  const { random, code } = body
  if (memory > 0 || random.chance(10)) code.raw(alignment | 0x40).u32(memory)
  else code.raw(alignment)
  if (body.memoryIs64(memory) && random.chance(5)) {
    code.u64(BigInt.asUintN(64, random.interesting64()))
    return
  }
  code.u32(random.chance(90) ? 0 : random.below(20) * 8)
}

/** An atomic access that gives a number; answers false where there is none of the type. */
export const atomicExpression = (body: BodyWriter, type: ValueType, depth: number): boolean => {
  const { random, code, plan } = body
  if (!plan.atomics || plan.memories.length === 0 || (type !== 'i32' && type !== 'i64')) return false
  const memory = random.below(plan.memories.length)
  address(body, memory)
  if (type === 'i32' && random.chance(20)) {
    const kind = random.below(3)
    body.expression(kind === 2 ? 'i64' : 'i32', depth - 1)
    if (kind > 0) code.raw(0x42).signed(random.below(2000))
    code.raw(0xfe, kind)
    argument(body, kind === 2 ? 3 : 2, memory)
    return true
  }
  const fitting = shapes.flatMap(([known], index) => (known === type ? [index] : []))
  const shape = random.pick(fitting)
  const kind = random.pick(['load', 'change', 'exchange'] as const)
  if (kind !== 'load') body.expression(type, depth - 1)
  if (kind === 'exchange') body.expression(type, depth - 1)
  code.raw(0xfe, first[kind] + (kind === 'change' ? 7 * random.below(6) : 0) + shape)
  argument(body, shapes[shape]?.[1] ?? 0, memory)
  return true
}

/** An atomic store, or a fence. */
export const atomicStatement = (body: BodyWriter, depth: number): void => {
  const { random, code, plan } = body
  if (random.chance(10)) {
    code.raw(0xfe, 3, 0)
    return
  }
  const memory = random.below(plan.memories.length)
  const shape = random.below(shapes.length)
  const [type, alignment] = shapes[shape] ?? (['i32', 2] as const)
  address(body, memory)
  body.expression(type, depth - 1)
  code.raw(0xfe, first.store + shape)
  argument(body, alignment, memory)
}
