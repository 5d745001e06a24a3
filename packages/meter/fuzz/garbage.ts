// Structs and arrays of the engine's heap in generated bodies: made, read, changed, cast, with ranges inside and outside.

import { type BodyWriter, heapType } from './body-writer.ts'
import type { ValueType } from './operators.ts'
import type { FieldType, HeapForm } from './plan.ts'

const prefix = 0xfb
const anyHeap = 0x6e

/** What a field gives when it is read. */
const unpacked = (field: FieldType): ValueType => (field === 'i8' || field === 'i16' ? 'i32' : field)

const formOf = ({ plan }: BodyWriter, index: number): HeapForm => plan.types[index]?.heap as HeapForm

const arraysOf = (body: BodyWriter, fits: (element: FieldType) => boolean): number[] =>
  body.plan.heaps.filter((index) => {
    const { isArray, fields } = formOf(body, index)
    return isArray && fits(fields[0] as FieldType)
  })

/** A length or an index: mostly small, now and then more than a step of the meter's. */
const size = (body: BodyWriter, depth: number): void => {
  const { random, code } = body
  if (depth > 0 && random.chance(8)) {
    body.expression('i32', depth - 1)
    code.raw(0x41).signed(0x1f).raw(0x71)
  } else if (random.chance(1)) code.raw(0x41).signed(-1)
  else code.raw(0x41).signed(random.chance(95) ? random.below(12) : random.below(20_000))
}

/** A reference to an object of a type, or none. */
export const heapValue = (body: BodyWriter, index: number, depth: number): void => {
  const { random, code, plan } = body
  const type = `ref${index}` as const
  const choice = random.below(10)
  if (choice < 3) {
    code.raw(0x20).u32(body.local(type))
    return
  }
  if (choice < 4) {
    code.raw(0xd0, ...heapType(type))
    return
  }
  if (choice < 5 && depth > 0) return throughCast(body, index, depth)
  const { isArray, fields } = formOf(body, index)
  const isDefault = depth <= 0 || random.chance(30)
  if (!isArray) {
    if (!isDefault) body.values(fields.map(unpacked), depth - 1)
    code.raw(prefix, isDefault ? 1 : 0).u32(index)
    return
  }
  const element = fields[0] as FieldType
  if (isDefault) {
    size(body, depth)
    code.raw(prefix, 7).u32(index)
  } else if (isNumber(element) && plan.data.length > 0 && random.chance(20)) {
    code.raw(0x41).signed(random.below(4))
    code.raw(0x41).signed(random.below(12))
    code.raw(prefix, 9).u32(index).u32(random.below(plan.data.length))
  } else if (element === 'funcref' && plan.elements.length > 0 && random.chance(50)) {
    code.raw(0x41).signed(random.below(2))
    code.raw(0x41).signed(random.below(4))
    code.raw(prefix, 10).u32(index).u32(random.below(plan.elements.length))
  } else if (random.chance(40)) {
    const count = random.below(4)
    for (let place = 0; place < count; place++) body.expression(unpacked(element), depth - 1)
    code.raw(prefix, 8).u32(index).u32(count)
  } else {
    body.expression(unpacked(element), depth - 1)
    size(body, depth)
    code.raw(prefix, 6).u32(index)
  }
}

const isNumber = (field: FieldType): boolean => !field.startsWith('ref') && !field.endsWith('ref')

/** The same by way of any object, and a cast or a branch. */
const throughCast = (body: BodyWriter, index: number, depth: number): void => {
  const { random, code } = body
  const type = `ref${index}` as const
  const source = random.chance(70) ? index : random.pick(body.plan.heaps)
  if (random.chance(40)) {
    heapValue(body, source, depth - 1)
    // A cast of what is of another type traps.
    code.raw(prefix, 23, ...heapType(type))
    return
  }
  // What comes as any object is branched with when it is of the type, or when it is not.
  const given = body.freshLocal(`ref${source}`)
  heapValue(body, source, depth - 1)
  code.raw(0x21).u32(given)
  const cast = body.freshLocal(type)
  const isFail = random.chance(50)
  code.raw(0x02, ...(isFail ? [anyHeap] : [0x63, ...heapType(type)]), 0x20).u32(given)
  code.raw(prefix, isFail ? 25 : 24, 3, 0, anyHeap, ...heapType(type))
  if (isFail) code.raw(0x21).u32(cast)
  else code.raw(0x1a)
  code.raw(0xd0, ...heapType(type), 0x0b)
  if (isFail) code.raw(0x1a, 0x20).u32(cast)
}

/** A value out of an object, or about one; answers false where there is none of the type. */
export const heapExpression = (body: BodyWriter, type: ValueType, depth: number): boolean => {
  const { random, code, plan } = body
  if (type === 'i32' && random.chance(40)) {
    const index = random.pick(plan.heaps)
    const choice = random.below(4)
    if (choice === 0 && formOf(body, index).isArray) {
      heapValue(body, index, depth - 1)
      code.raw(prefix, 15)
    } else if (choice === 1) {
      heapValue(body, index, depth - 1)
      heapValue(body, random.pick(plan.heaps), depth - 1)
      code.raw(0xd3)
    } else if (choice === 2) {
      body.expression('i32', depth - 1)
      code.raw(prefix, 28, prefix, random.between(29, 30))
    } else {
      heapValue(body, index, depth - 1)
      code.raw(prefix, random.between(20, 21), ...heapType(`ref${random.pick(plan.heaps)}`))
    }
    return true
  }
  const fitting = plan.heaps.flatMap((index) =>
    formOf(body, index).fields.flatMap((field, place) => (unpacked(field) === type ? [{ index, field, place }] : [])),
  )
  if (fitting.length === 0) return false
  const { index, field, place } = random.pick(fitting)
  heapValue(body, index, depth - 1)
  const isPacked = field === 'i8' || field === 'i16'
  const variant = isPacked ? random.between(1, 2) : 0
  if (formOf(body, index).isArray) {
    size(body, depth - 1)
    code.raw(prefix, 11 + variant).u32(index)
  } else
    code
      .raw(prefix, 2 + variant)
      .u32(index)
      .u32(place)
  return true
}

/** Changes an object. */
export const heapStatement = (body: BodyWriter, depth: number): void => {
  const { random, code, plan } = body
  const index = random.pick(plan.heaps)
  const { isArray, fields } = formOf(body, index)
  if (!isArray) {
    const place = random.below(fields.length)
    heapValue(body, index, depth)
    body.expression(unpacked(fields[place] as FieldType), depth)
    code.raw(prefix, 5).u32(index).u32(place)
    return
  }
  const element = fields[0] as FieldType
  const choice = random.below(4)
  // The same array twice, so that ranges overlap.
  const held = body.local(`ref${index}`)
  const get = (): void => {
    if (random.chance(70)) code.raw(0x20).u32(held)
    else heapValue(body, index, depth - 1)
  }
  get()
  size(body, depth)
  if (choice === 0) {
    body.expression(unpacked(element), depth)
    code.raw(prefix, 14).u32(index)
  } else if (choice === 1) {
    body.expression(unpacked(element), depth)
    size(body, depth)
    code.raw(prefix, 16).u32(index)
  } else if (choice === 2) {
    const from = random.pick(arraysOf(body, (other) => other === element))
    if (from === index) get()
    else heapValue(body, from, depth - 1)
    size(body, depth)
    size(body, depth)
    code.raw(prefix, 17).u32(index).u32(from)
  } else if (isNumber(element) && plan.data.length > 0) {
    code.raw(0x41).signed(random.below(30))
    size(body, depth)
    code.raw(prefix, 18).u32(index).u32(random.below(plan.data.length))
  } else if (element === 'funcref' && plan.elements.length > 0) {
    code.raw(0x41).signed(random.below(3))
    size(body, depth)
    code.raw(prefix, 19).u32(index).u32(random.below(plan.elements.length))
  } else code.raw(0x1a, 0x1a)
}
