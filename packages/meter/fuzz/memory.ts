// Accesses of memories in generated bodies: loads, stores, growth, bulk operations with ranges that overlap or lie outside.

import { atomicExpression, atomicStatement } from './atomics.ts'
import type { BodyWriter } from './body-writer.ts'
import { type Access, laneLoads, loads, stores, type ValueType } from './operators.ts'

const pageBytes = 65_536

/** An address: mostly inside the memory at its smallest. */
const address = (body: BodyWriter, memory: number, depth: number): void => {
  narrowAddress(body, memory, depth)
  body.widen(body.memoryIs64(memory))
}

const narrowAddress = (body: BodyWriter, memory: number, depth: number): void => {
  const { plan, random, code } = body
  const bytes = (plan.memories[memory]?.min ?? 0) * pageBytes
  if (random.chance(6)) return body.expression('i32', depth - 1)
  if (bytes === 0 || random.chance(4)) {
    code.raw(0x41).signed((bytes - random.between(0, 20)) | 0)
    return
  }
  if (random.chance(50)) code.raw(0x41).signed(random.below(bytes))
  else {
    body.expression('i32', depth - 1)
    code.raw(0x41).signed(0x3ff).raw(0x71)
  }
}

/** Alignment, memory and offset. */
const memoryArgument = (body: BodyWriter, alignment: number, memory: number): void => {
  const { random, code } = body
  const aligned = random.between(0, alignment)
  // Memory 0 may be named as well as left out.
  if (memory > 0 || random.chance(10)) code.raw(aligned | 0x40).u32(memory)
  else code.raw(aligned)
  if (body.memoryIs64(memory) && random.chance(5)) {
    code.u64(BigInt.asUintN(64, random.interesting64()))
    return
  }
  code.u32(random.chance(92) ? random.below(300) : random.chance(60) ? random.below(3 * pageBytes) : random.u32())
}

const access = (body: BodyWriter, { code, alignment }: Access, memory: number): void => {
  body.code.raw(...code)
  memoryArgument(body, alignment, memory)
}

/** A load, `memory.size` or `memory.grow`; answers false where there is none of the type. */
export const loadExpression = (body: BodyWriter, type: ValueType, depth: number): boolean => {
  const { plan, random, code } = body
  if (plan.memories.length === 0) return false
  if (random.chance(40) && atomicExpression(body, type, depth)) return true
  const memory = random.below(plan.memories.length)
  if (type === 'i32' && random.chance(15)) {
    const is64 = body.memoryIs64(memory)
    if (random.chance(50)) code.raw(0x3f).u32(memory)
    else {
      if (random.chance(80)) code.raw(0x41).signed(random.below(3))
      else body.expression('i32', depth - 1)
      body.widen(is64)
      code.raw(0x40).u32(memory)
    }
    if (is64) code.raw(0xa7)
    return true
  }
  if (type === 'v128' && random.chance(20)) {
    const lane = random.pick(laneLoads)
    address(body, memory, depth)
    body.expression('v128', depth - 1)
    access(body, lane, memory)
    code.raw(random.below(lane.lanes))
    return true
  }
  const fitting = loads.filter((load) => load.type === type)
  if (fitting.length === 0) return false
  address(body, memory, depth)
  access(body, random.pick(fitting), memory)
  return true
}

/** A store, or a bulk operation. */
export const memoryStatement = (body: BodyWriter, depth: number): void => {
  const { plan, random, code } = body
  if (plan.memories.length === 0) return
  if (plan.atomics && random.chance(30)) return atomicStatement(body, depth)
  const memory = random.below(plan.memories.length)
  const other = random.below(plan.memories.length)
  const bytes = (plan.memories[memory]?.min ?? 0) * pageBytes
  /** Mostly small, now and then more than a step of the meter's. */
  const count = (is64: boolean): void => {
    if (random.chance(10)) body.expression('i32', depth - 1)
    else code.raw(0x41).signed(random.chance(85) || bytes === 0 ? random.below(300) : random.below(bytes))
    body.widen(is64)
  }
  const choice = random.below(10)
  if (choice < 5) {
    const usable = plan.simd ? stores : stores.filter(({ type }) => type !== 'v128')
    const store = random.pick(usable)
    address(body, memory, depth)
    body.expression(store.type, depth)
    access(body, store, memory)
  } else if (choice < 6 && plan.simd) {
    const lane = random.pick(laneLoads)
    address(body, memory, depth)
    body.expression('v128', depth - 1)
    access(body, { ...lane, code: [0xfd, (lane.code[1] ?? 0) + 4] }, memory)
    code.raw(random.below(lane.lanes))
  } else if (choice < 7) {
    address(body, memory, depth)
    body.expression('i32', depth - 1)
    count(body.memoryIs64(memory))
    code.raw(0xfc, 11).u32(memory)
  } else if (choice < 9) {
    address(body, memory, depth)
    address(body, other, depth)
    count(body.memoryIs64(memory) && body.memoryIs64(other))
    code.raw(0xfc, 10).u32(memory).u32(other)
  } else if (plan.data.length > 0) {
    const segment = random.below(plan.data.length)
    if (random.chance(15)) {
      code.raw(0xfc, 9).u32(segment)
      return
    }
    address(body, memory, depth)
    code
      .raw(0x41)
      .signed(random.below(20))
      .raw(0x41)
      .signed(random.below((plan.data[segment] ?? 0) + 2))
    code.raw(0xfc, 8).u32(segment).u32(memory)
  }
}
