// References and tables in generated bodies.

import { type BodyWriter, heapType } from './body-writer.ts'
import { heapValue } from './garbage.ts'
import type { ValueType } from './operators.ts'

/** A reference, or a number about one; answers false where there is nothing of the type. */
export const referenceExpression = (body: BodyWriter, type: ValueType, depth: number): boolean => {
  const { plan, random, code } = body
  if (type === 'i32' && depth > 0 && random.chance(12)) {
    if (random.chance(40) && plan.tables.length > 0) {
      const table = random.below(plan.tables.length)
      code.raw(0xfc, 16).u32(table)
      if (body.tableIs64(table)) code.raw(0xa7)
    } else {
      body.expression(random.pick(['funcref', 'externref']), depth - 1)
      code.raw(0xd1)
    }
    return true
  }
  if (type === 'funcref') {
    const choice = random.below(3)
    if (choice === 0 && tableGet(body, type, depth)) return true
    if (choice < 2) code.raw(0xd2).u32(random.below(plan.functions.length))
    else code.raw(0xd0, ...heapType(type))
    return true
  }
  if (type === 'externref') {
    if (random.chance(50) && tableGet(body, type, depth)) return true
    code.raw(0xd0, ...heapType(type))
    return true
  }
  if (type.startsWith('ref')) {
    const index = Number(type.slice(3))
    if (plan.heaps.includes(index)) {
      heapValue(body, index, depth)
      return true
    }
    const fitting = plan.functions.flatMap((known, at) => (known.type === index ? [at] : []))
    if (fitting.length > 0 && random.chance(80)) code.raw(0xd2).u32(random.pick(fitting))
    else code.raw(0xd0, ...heapType(type))
    if (random.chance(10)) code.raw(0xd4)
    return true
  }
  return false
}

const tableGet = (body: BodyWriter, type: ValueType, depth: number): boolean => {
  const { plan, random, code } = body
  const fitting = plan.tables.flatMap((table, index) => (table.type === type ? [index] : []))
  if (fitting.length === 0) return false
  const table = random.pick(fitting)
  index(body, table, depth)
  code.raw(0x25).u32(table)
  return true
}

/** An index of a table: mostly one that exists. */
const index = (body: BodyWriter, table: number, depth: number): void => {
  if (body.random.chance(92) || depth <= 0)
    body.code.raw(0x41).signed(body.random.below(body.plan.tables[table]?.min ?? 1))
  else body.expression('i32', depth - 1)
  body.widen(body.tableIs64(table))
}

/** Changes a table or drops a segment. */
export const tableStatement = (body: BodyWriter, depth: number): void => {
  const { plan, random, code } = body
  if (plan.tables.length === 0) return
  const table = random.below(plan.tables.length)
  const type = plan.tables[table]?.type ?? 'funcref'
  const is64 = body.tableIs64(table)
  const few = (wide = false): void => {
    code.raw(0x41).signed(random.below(4))
    body.widen(wide)
  }
  const choice = random.below(12)
  if (choice < 5) {
    index(body, table, depth)
    body.expression(type, depth)
    code.raw(0x26).u32(table)
  } else if (choice < 6) {
    body.expression(type, depth)
    few(is64)
    code.raw(0xfc, 15).u32(table)
    body.consume([is64 ? 'i64' : 'i32'])
  } else if (choice < 8) {
    index(body, table, depth)
    body.expression(type, depth)
    few(is64)
    code.raw(0xfc, 17).u32(table)
  } else if (choice < 10) {
    const alike = plan.tables.flatMap((other, at) => (other.type === type ? [at] : []))
    const from = random.pick(alike)
    index(body, table, depth)
    index(body, from, depth)
    few(is64 && body.tableIs64(from))
    code.raw(0xfc, 14).u32(table).u32(from)
  } else if (plan.elements.length > 0 && type === 'funcref') {
    const segment = random.below(plan.elements.length)
    if (random.chance(20)) {
      code.raw(0xfc, 13).u32(segment)
      return
    }
    index(body, table, depth)
    few()
    few()
    code.raw(0xfc, 12).u32(segment).u32(table)
  }
}
