// Blocks, loops and branches in generated bodies.

import type { BodyWriter, Label } from './body-writer.ts'
import { tailCall } from './calls.ts'
import { throwing } from './exceptions.ts'
import type { ValueType } from './operators.ts'

/** A block, a loop or an if that gives a value, perhaps among others, and may take some. */
export const valueBlock = (body: BodyWriter, type: ValueType, depth: number): void => {
  const { random, code } = body
  const others = random.chance(25) ? [random.pick(['i32', 'i64', 'f64'] as const)] : []
  const results: ValueType[] = random.chance(50) ? [type, ...others] : [...others, type]
  const parameters: ValueType[] = random.chance(25) ? [random.pick(['i32', 'i64', 'f32'] as const)] : []
  const kind = random.pick([0x02, 0x02, 0x03, 0x04] as const)
  body.values(parameters, depth - 1)
  if (kind === 0x04) body.expression('i32', depth - 1)
  code.raw(kind)
  body.blockType(parameters, results)
  const branch = (): void => {
    if (kind === 0x03 && body.plan.bounded) body.work(1)
    body.consume(parameters)
    body.statements(2)
    body.values(results, depth - 1)
  }
  const label = { types: kind === 0x03 ? parameters : results }
  body.inside(label, branch)
  if (kind === 0x04) {
    code.raw(0x05)
    body.inside(label, branch)
  }
  code.raw(0x0b)
  body.keep(results, results.indexOf(type))
}

/** A block, loop or if that gives nothing. */
export const voidBlock = (body: BodyWriter, depth: number): void => {
  const { random, code } = body
  if (random.chance(20)) return countingLoop(body, depth)
  const kind = random.pick([0x02, 0x03, 0x03, 0x04] as const)
  if (kind === 0x04) body.expression('i32', depth)
  code.raw(kind, 0x40)
  body.inside({ types: [] }, () => {
    if (kind === 0x03 && body.plan.bounded) body.work(1)
    body.statements(4)
    if (kind === 0x03 && random.chance(60)) {
      // Once more, mostly: while some condition holds that work makes false in the end.
      if (random.chance(50)) body.expression('i32', depth)
      else code.raw(0x23).u32(body.plan.work).raw(0x41).signed(random.between(100, 2900)).raw(0x4a)
      code.raw(0x0d, 0)
    }
    if (kind === 0x04 && random.chance(50)) {
      code.raw(0x05)
      body.statements(3)
    }
  })
  code.raw(0x0b)
}

/** A loop that counts its turns in a local of its own, without anything else at its head. */
const countingLoop = (body: BodyWriter, depth: number): void => {
  const { random, code } = body
  const turns = body.freshLocal('i32')
  body.reserved.add(turns)
  const carried: ValueType[] = random.chance(30) ? [random.pick(['i32', 'i64', 'f64'] as const)] : []
  const count = Math.min(random.pick([1, 2, 7, 100, 3000]), body.turnsLeft)
  code.raw(0x41).signed(count).raw(0x21).u32(turns)
  body.values(carried, depth - 1)
  code.raw(0x03)
  body.blockType(carried, carried)
  body.inside({ types: carried }, () => {
    code.raw(0x20).u32(turns).raw(0x41, 1, 0x6b, 0x22).u32(turns)
    // Whoever branches here from inside must not go round for ever.
    code.raw(0x41, 0, 0x48, 0x04, 0x40, 0x00, 0x0b)
    body.consume(carried)
    const { room, turnsLeft } = body
    body.room = Math.min(room, 25)
    body.turnsLeft = Math.max(1, Math.floor(turnsLeft / count))
    body.statements(2)
    body.room = room - 5
    body.turnsLeft = turnsLeft
    body.values(carried, 1)
    code.raw(0x20).u32(turns).raw(0x0d, 0)
  })
  code.raw(0x0b)
  body.consume(carried)
}

/** `br_if`, `br_on_null`, `br_on_non_null`. */
export const conditionalBranch = (body: BodyWriter, depth: number): void => {
  const { random, code } = body
  const target = random.below(body.labels.length)
  const { types } = body.labels.at(-1 - target) as Label
  body.values(types, depth - 1)
  if (random.chance(15)) {
    body.expression('funcref', depth - 1)
    code.raw(0xd5).u32(target).raw(0x1a)
  } else if (random.chance(5) && types.length === 0) {
    // `br_on_non_null` takes the reference along: a block around it receives it.
    code.raw(0x02, 0x70)
    body.inside({ types: ['funcref'] }, () => {
      body.expression('funcref', depth - 1)
      code.raw(0xd6, 0)
      body.statements(1)
      body.expression('funcref', depth - 1)
    })
    code.raw(0x0b, 0x1a)
  } else {
    body.expression('i32', depth - 1)
    code.raw(0x0d).u32(target)
  }
  body.consume(types)
}

/** Whatever never goes on; code after it cannot be reached. Mostly under a condition. */
export const leave = (body: BodyWriter, depth: number): void => {
  const { random, code } = body
  const conditional = random.chance(80)
  if (conditional) {
    body.expression('i32', depth)
    code.raw(0x04, 0x40)
    body.labels.push({ types: [] })
  }
  const choice = random.below(10)
  if (choice < 3) branchAway(body, depth)
  else if (choice < 5) {
    body.values(body.signature.results, depth - 1)
    code.raw(0x0f)
  } else if (choice < 7) tailCall(body, depth)
  else if (choice < 9) throwing(body, depth)
  else code.raw(0x00)
  if (conditional) {
    body.labels.pop()
    code.raw(0x0b)
  }
}

/** `br` or `br_table`. */
const branchAway = (body: BodyWriter, depth: number): void => {
  const { random, code } = body
  const target = random.below(body.labels.length)
  const { types } = body.labels.at(-1 - target) as Label
  body.values(types, depth - 1)
  if (random.chance(50)) {
    code.raw(0x0c).u32(target)
    return
  }
  const alike = body.labels.flatMap((label, index) =>
    label.types.join() === types.join() ? [body.labels.length - 1 - index] : [],
  )
  body.expression('i32', depth - 1)
  const entries = random.between(0, 6)
  code.raw(0x0e).u32(entries)
  for (let index = 0; index <= entries; index++) code.u32(random.pick(alike))
}
