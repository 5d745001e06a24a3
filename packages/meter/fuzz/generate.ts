// Makes modules at random that are valid by construction: from a seed, always the same one.

import { heapType, typeCode } from './body-writer.ts'
import { Body } from './body.ts'
import { Bytes } from './bytes.ts'
import { customSection } from './customs.ts'
import type { ValueType } from './operators.ts'
import { type HeapForm, makePlan, type Plan, type PlanOptions, type Signature } from './plan.ts'
import { Prng } from './prng.ts'

/** A module and what it was made from. */
export interface GeneratedModule {
  readonly seed: number
  readonly plan: Plan
  readonly bytes: Uint8Array<ArrayBuffer>
}

/** Makes the module of a seed. */
export const generateModule = (seed: number, options: PlanOptions = {}): GeneratedModule => {
  const random = new Prng(seed)
  const own = new Prng(seed ^ 0x64)
  const extras = {
    random: own,
    wide: own.chance(25) ? 60 : 0,
    heaps: own.chance(30) ? own.between(1, 5) : 0,
  }
  const plan = makePlan(random, { extras, ...options })
  // Bodies first: they add types of blocks.
  const bodies = plan.functions
    .slice(plan.importedFunctions)
    .map(({ type }) => new Body(plan, plan.types[type] as Signature, random).write())
  const out = new Bytes(random).raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  const custom = (place: number): void => {
    out.section(0, customSection(plan, random, place))
  }
  const sections: readonly (readonly [number, Bytes | undefined])[] = [
    [
      1,
      list(random, plan.types, (body, { parameters, results, heap }) => {
        if (heap !== undefined) return writeHeapForm(body, heap)
        body.raw(0x60)
        for (const types of [parameters, results]) {
          body.u32(types.length)
          for (const type of types) body.raw(...typeCode(type))
        }
      }),
    ],
    [2, imports(plan, random)],
    [3, list(random, plan.functions.slice(plan.importedFunctions), (body, { type }) => body.u32(type))],
    [
      4,
      list(
        random,
        plan.tables.filter(({ imported }) => !imported),
        (body, { type, min, max, is64 }) =>
          body
            .raw(...typeCode(type), is64 ? 5 : 1)
            .u32(min)
            .u32(max),
      ),
    ],
    [
      5,
      list(
        random,
        plan.memories.filter(({ imported }) => !imported),
        (body, { min, max, shared, is64 }) =>
          body
            .raw((shared ? 3 : 1) | (is64 ? 4 : 0))
            .u32(min)
            .u32(max),
      ),
    ],
    [13, list(random, plan.tags.slice(plan.importedTags), (body, type) => body.raw(0).u32(type))],
    [6, globals(plan, random)],
    [7, exports(plan, random)],
    [8, plan.start === undefined ? undefined : new Bytes(random).u32(plan.start)],
    [9, elements(plan, random)],
    [12, plan.data.length === 0 ? undefined : new Bytes(random).u32(plan.data.length)],
    [10, list(random, bodies, (body, content) => body.u32(content.length).append(content))],
    [11, data(plan, random)],
  ]
  for (const [id, body] of sections) {
    custom(id)
    out.section(id, body)
  }
  custom(0)
  return { seed, plan, bytes: out.taken() }
}

const writeHeapForm = (body: Bytes, { isArray, fields }: HeapForm): void => {
  body.raw(isArray ? 0x5e : 0x5f)
  if (!isArray) body.u32(fields.length)
  for (const field of fields) {
    if (field === 'i8' || field === 'i16') body.raw(field === 'i8' ? 0x78 : 0x77)
    else body.raw(...typeCode(field))
    body.raw(1)
  }
}

const list = <Item>(
  random: Prng,
  items: readonly Item[],
  write: (body: Bytes, item: Item) => void,
): Bytes | undefined => {
  if (items.length === 0) return undefined
  const body = new Bytes(random).u32(items.length)
  for (const item of items) write(body, item)
  return body
}

const imports = (plan: Plan, random: Prng): Bytes | undefined => {
  const writes: ((body: Bytes) => void)[] = []
  for (const [index, { type }] of plan.functions.slice(0, plan.importedFunctions).entries()) {
    writes.push((body) => body.name('env').name(`f${index}`).raw(0).u32(type))
  }
  for (const [index, { imported, type, min, max, is64 }] of plan.tables.entries()) {
    if (imported)
      writes.push((body) =>
        body
          .name('env')
          .name(`t${index}`)
          .raw(1, ...typeCode(type), is64 ? 5 : 1)
          .u32(min)
          .u32(max),
      )
  }
  for (const [index, { imported, min, max, shared, is64 }] of plan.memories.entries()) {
    if (imported)
      writes.push((body) =>
        body
          .name('env')
          .name(`m${index}`)
          .raw(2, (shared ? 3 : 1) | (is64 ? 4 : 0))
          .u32(min)
          .u32(max),
      )
  }
  for (const [index, { imported, type, mutable }] of plan.globals.entries()) {
    if (imported)
      writes.push((body) =>
        body
          .name('env')
          .name(`g${index}`)
          .raw(3, ...typeCode(type), mutable ? 1 : 0),
      )
  }
  for (const [index, type] of plan.tags.slice(0, plan.importedTags).entries()) {
    writes.push((body) => body.name('env').name(`e${index}`).raw(4, 0).u32(type))
  }
  return list(random, writes, (body, write) => write(body))
}

const globals = (plan: Plan, random: Prng): Bytes | undefined => {
  const own = plan.globals.filter(({ imported }) => !imported)
  return list(random, own, (body, global) => {
    body.raw(...typeCode(global.type), global.mutable ? 1 : 0)
    if (global === plan.globals[plan.work]) body.raw(0x41).signed(3000)
    else initial(plan, random, { body, type: global.type })
    body.raw(0x0b)
  })
}

/** A constant expression without its end. */
const initial = (plan: Plan, random: Prng, { body, type }: { body: Bytes; type: ValueType }): void => {
  const constants = plan.globals.flatMap((known, index) =>
    known.imported && !known.mutable && known.type === type ? [index] : [],
  )
  if (constants.length > 0 && random.chance(60)) body.raw(0x23).u32(random.pick(constants))
  else if (type === 'i32') {
    body.raw(0x41).signed(random.interesting32())
    if (random.chance(20))
      body
        .raw(0x41)
        .signed(random.interesting32())
        .raw(random.pick([0x6a, 0x6b, 0x6c]))
  } else if (type === 'i64') body.raw(0x42).signed(random.interesting64())
  else if (type === 'f32') body.raw(0x43).f32(random.interestingDouble())
  else if (type === 'f64') body.raw(0x44).f64(random.interestingDouble())
  else if (type === 'v128') body.raw(0xfd, 12, ...Array.from({ length: 16 }, () => random.below(256)))
  else if (type === 'funcref' && random.chance(60)) body.raw(0xd2).u32(random.below(plan.functions.length))
  else body.raw(0xd0, ...heapType(type))
}

const exports = (plan: Plan, random: Prng): Bytes | undefined => {
  const writes: ((body: Bytes) => void)[] = []
  const add = (name: string, kind: number, index: number): number =>
    writes.push((body) => body.name(name).raw(kind).u32(index))
  for (const index of plan.functions.keys())
    if (index >= plan.importedFunctions || random.chance(30)) add(`f${index}`, 0, index)
  for (const index of plan.tables.keys()) add(`t${index}`, 1, index)
  for (const index of plan.memories.keys()) add(`m${index}`, 2, index)
  for (const index of plan.globals.keys()) add(`g${index}`, 3, index)
  for (const index of plan.tags.keys()) add(`e${index}`, 4, index)
  return list(random, writes, (body, write) => write(body))
}

/** One declares every function, so that all can be referred to; the rest are active or passive. */
const elements = (plan: Plan, random: Prng): Bytes => {
  const body = new Bytes(random).u32(plan.elements.length + 1)
  const functionTables = plan.tables.flatMap(({ type }, index) => (type === 'funcref' ? [index] : []))
  for (const count of plan.elements) {
    const roomy = functionTables.filter((index) => (plan.tables[index]?.min ?? 0) >= count || random.chance(3))
    const table = roomy.length > 0 && random.chance(70) ? random.pick(roomy) : undefined
    const asExpressions = random.chance(40)
    if (table === undefined) body.raw(asExpressions ? 5 : 1, asExpressions ? 0x70 : 0)
    else {
      const short = table === 0 && random.chance(50)
      body.raw((asExpressions ? 4 : 0) | (short ? 0 : 2))
      if (!short) body.u32(table)
      const room = (plan.tables[table]?.min ?? 0) - count
      body
        .raw(addressConstant(plan.tables[table]))
        .signed(random.chance(98) && room >= 0 ? random.between(0, room) : 3)
        .raw(0x0b)
      if (!short) body.raw(asExpressions ? 0x70 : 0)
    }
    body.u32(count)
    for (let index = 0; index < count; index++) {
      const target = random.below(plan.functions.length)
      if (!asExpressions) body.u32(target)
      else if (random.chance(85)) body.raw(0xd2).u32(target).raw(0x0b)
      else body.raw(0xd0, 0x70, 0x0b)
    }
  }
  body.raw(3, 0).u32(plan.functions.length)
  for (const index of plan.functions.keys()) body.u32(index)
  return body
}

const data = (plan: Plan, random: Prng): Bytes | undefined =>
  list(random, plan.data, (body, length) => {
    const memory = random.below(plan.memories.length)
    const room = (plan.memories[memory]?.min ?? 0) * 65_536 - length
    if (random.chance(40) || (room < 0 && random.chance(95))) body.raw(1)
    else {
      if (memory === 0 && random.chance(70)) body.raw(0)
      else body.raw(2).u32(memory)
      body
        .raw(addressConstant(plan.memories[memory]))
        .signed(random.chance(98) && room >= 0 ? random.between(0, room) : room + 1)
        .raw(0x0b)
    }
    body.u32(length).raw(...Array.from({ length }, () => random.below(256)))
  })

/** The opcode of a constant that is an address. */
const addressConstant = (addressed: { readonly is64: boolean } | undefined): number =>
  addressed?.is64 === true ? 0x42 : 0x41
