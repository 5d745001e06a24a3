// Calls in generated bodies: direct, through tables, through references, and as tail calls.

import type { BodyWriter } from './body-writer.ts'
import type { ValueType } from './operators.ts'
import type { Signature } from './plan.ts'

const signatureOf = (body: BodyWriter, functionIndex: number): Signature =>
  body.plan.types[body.plan.functions[functionIndex]?.type ?? 0] as Signature

/** A call of any function whose results have the type among them; the others are dropped. */
export const callExpression = (body: BodyWriter, type: ValueType, depth: number): void => {
  const { plan, random } = body
  const fitting = plan.functions.flatMap((_, index) => (signatureOf(body, index).results.includes(type) ? [index] : []))
  if (fitting.length === 0) return body.leaf(type)
  const index = random.pick(fitting)
  const { results } = signatureOf(body, index)
  call(body, index, depth)
  body.keep(results, random.chance(50) ? results.indexOf(type) : results.lastIndexOf(type))
}

/** A call whose results are dropped or kept in locals. */
export const callStatement = (body: BodyWriter, depth: number): void => {
  const index = body.random.below(body.plan.functions.length)
  call(body, index, depth)
  body.consume(signatureOf(body, index).results)
}

/** A tail call of something with the results of this function. */
export const tailCall = (body: BodyWriter, depth: number): void => {
  const { plan, random, code } = body
  const wanted = body.signature.results.join()
  const fitting = plan.functions.flatMap((_, index) =>
    signatureOf(body, index).results.join() === wanted ? [index] : [],
  )
  if (fitting.length === 0) {
    code.raw(0x00)
    return
  }
  call(body, random.pick(fitting), depth, true)
}

const call = (body: BodyWriter, index: number, depth: number, isTail = false): void => {
  const { plan, random, code } = body
  const type = plan.functions[index]?.type ?? 0
  const signature = signatureOf(body, index)
  const tables = plan.tables.flatMap((table, at) => (table.type === 'funcref' ? [at] : []))
  body.values(signature.parameters, depth - 1)
  const way = random.below(10)
  if (way < 2 && tables.length > 0) {
    const table = random.pick(tables)
    if (random.chance(80)) code.raw(0x41).signed(random.below(plan.tables[table]?.min ?? 1))
    else body.expression('i32', depth - 1)
    body.widen(body.tableIs64(table))
    code
      .raw(isTail ? 0x13 : 0x11)
      .u32(type)
      .u32(table)
  } else if (way < 4) {
    if (random.chance(80)) code.raw(0xd2).u32(index)
    else body.expression(`ref${type}`, depth - 1)
    code.raw(isTail ? 0x15 : 0x14).u32(type)
  } else code.raw(isTail ? 0x12 : 0x10).u32(index)
}
