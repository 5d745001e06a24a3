// Exceptions in generated bodies, in the encoding of the plan: thrown, caught by tag or all, thrown again, delegated.

import type { BodyWriter } from './body-writer.ts'
import type { ValueType } from './operators.ts'

const tagTypes = (body: BodyWriter, tag: number): readonly ValueType[] =>
  body.plan.types[body.plan.tags[tag] ?? 0]?.parameters ?? []

/** Something that never goes on: `throw`, `throw_ref`, `rethrow`, or a trap where there are no exceptions. */
export const throwing = (body: BodyWriter, depth: number): void => {
  const { plan, random, code } = body
  if (plan.exceptions === 'none') {
    code.raw(0x00)
    return
  }
  if (plan.exceptions === 'standard' && random.chance(20)) {
    body.expression('exnref', depth - 1)
    code.raw(0x0a)
    return
  }
  const handlers = body.labels.flatMap((label, index) =>
    label.isHandler === true ? [body.labels.length - 1 - index] : [],
  )
  if (handlers.length > 0 && random.chance(60)) {
    code.raw(0x09).u32(random.pick(handlers))
    return
  }
  const tag = random.below(plan.tags.length)
  body.values(tagTypes(body, tag), depth - 1)
  code.raw(0x08).u32(tag)
}

/** A value, from code in which exceptions are caught. */
export const catchingExpression = (body: BodyWriter, type: ValueType, depth: number): void => {
  if (body.plan.exceptions === 'standard') standard(body, type, depth)
  else if (body.plan.exceptions === 'legacy') legacy(body, type, depth)
  else body.leaf(type)
}

const guarded = (body: BodyWriter, type: ValueType, depth: number): void => {
  body.statements(2)
  if (body.random.chance(40)) {
    body.expression('i32', depth - 1)
    body.code.raw(0x04, 0x40)
    body.inside({ types: [] }, () => throwing(body, depth))
    body.code.raw(0x0b)
  }
  body.expression(type, depth - 1)
}

const standard = (body: BodyWriter, type: ValueType, depth: number): void => {
  const { plan, random, code } = body
  const all = random.chance(50)
  const withReference = random.chance(40)
  const tag = random.below(plan.tags.length)
  const caught: ValueType[] = all ? [] : [...tagTypes(body, tag)]
  if (withReference) caught.push('exnref')
  code.raw(0x02)
  body.blockType([], [type])
  body.inside({ types: [type] }, () => {
    code.raw(0x02)
    body.blockType([], caught)
    body.inside({ types: caught }, () => {
      code.raw(0x1f)
      body.blockType([], [type])
      const kind = (all ? 2 : 0) + (withReference ? 1 : 0)
      code.u32(1).raw(kind)
      if (!all) code.u32(tag)
      code.u32(0)
      body.inside({ types: [type] }, () => guarded(body, type, depth))
      code.raw(0x0b, 0x0c, 1)
    })
    code.raw(0x0b)
    if (withReference && random.chance(25)) {
      code.raw(0x0a)
    } else body.consume(caught)
    body.statements(1)
    body.expression(type, depth - 1)
  })
  code.raw(0x0b)
}

const legacy = (body: BodyWriter, type: ValueType, depth: number): void => {
  const { plan, random, code } = body
  const outside = body.labels.length
  code.raw(0x06)
  body.blockType([], [type])
  body.inside({ types: [type] }, () => guarded(body, type, depth))
  if (random.chance(15)) {
    code.raw(0x18).u32(random.below(outside))
    return
  }
  const tags = plan.tags.map((_, index) => index).filter(() => random.chance(50))
  const handler = { types: [type], isHandler: true }
  for (const tag of tags) {
    code.raw(0x07).u32(tag)
    body.inside(handler, () => {
      body.consume(tagTypes(body, tag))
      body.statements(1)
      body.expression(type, depth - 1)
    })
  }
  if (tags.length === 0 || random.chance(50)) {
    code.raw(0x19)
    body.inside(handler, () => {
      body.statements(1)
      body.expression(type, depth - 1)
    })
  }
  code.raw(0x0b)
}
