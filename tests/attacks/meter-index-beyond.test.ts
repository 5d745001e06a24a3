// Indexes one beyond the end: what is invalid alone would become valid once the meter's own functions, globals, memories and
// types are there, and reach them. Refused before anything is rewritten, and again while it is.

import { expect, test } from 'vitest'
import { meterModule } from '@bulkhead/meter'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { meterOrThrow, wideOptions } from '../../packages/meter/fuzz/metering.ts'

/** What a module has of each kind. */
interface Counts {
  readonly memories: number
  readonly globals: number
  readonly tables: number
}

/** A module of type 0 `[] -> []` and type 1 `[] -> [i32]`, function 0 imported and function 1 with this body. */
const moduleWith = (
  body: readonly number[],
  { memories = 1, globals = 1, tables = 1 }: Partial<Counts> = {},
  more?: (out: Bytes) => void,
): Uint8Array => {
  const code = new Bytes().raw(0, ...body, 0x0b)
  const out = new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(1, new Bytes().raw(2, 0x60, 0, 0, 0x60, 0, 1, 0x7f))
    .section(2, new Bytes().raw(1).name('env').name('f').raw(0, 0))
    .section(3, new Bytes().raw(1, 0))
  if (tables > 0) out.section(4, new Bytes().raw(1, 0x70, 0, 2))
  if (memories > 0) out.section(5, new Bytes().raw(1, 0, 1))
  out.section(13, new Bytes().raw(1, 0, 0))
  if (globals > 0) out.section(6, new Bytes().raw(1, 0x7f, 1, 0x41, 0, 0x0b))
  more?.(out)
  return out.section(10, new Bytes().raw(1).u32(code.length).append(code)).taken()
}

const zero = [0x41, 0]

/** Bodies with an index as their parameter, and how many the module has. */
const references: Readonly<Record<string, readonly [write: (index: number) => readonly number[], count: number]>> = {
  'i32.load of a memory': [(index) => [...zero, 0x28, 0x42, index, 0, 0x1a], 1],
  'i32.store to a memory': [(index) => [...zero, ...zero, 0x36, 0x42, index, 0], 1],
  'v128.load of a memory': [(index) => [...zero, 0xfd, 0, 0x44, index, 0, 0x1a], 1],
  'v128.load8_lane of a memory': [
    (index) => [...zero, 0xfd, 12, ...Array.from({ length: 16 }, () => 0), 0xfd, 84, 0x40, index, 0, 0, 0x1a],
    1,
  ],
  'memory.size': [(index) => [0x3f, index, 0x1a], 1],
  'memory.grow': [(index) => [...zero, 0x40, index, 0x1a], 1],
  'memory.fill': [(index) => [...zero, ...zero, ...zero, 0xfc, 11, index], 1],
  'memory.copy to': [(index) => [...zero, ...zero, ...zero, 0xfc, 10, index, 0], 1],
  'memory.copy from': [(index) => [...zero, ...zero, ...zero, 0xfc, 10, 0, index], 1],
  'i32.atomic.load of a memory': [(index) => [...zero, 0xfe, 0x10, 0x42, index, 0, 0x1a], 1],
  'global.get': [(index) => [0x23, index, 0x1a], 1],
  'global.set': [(index) => [...zero, 0x24, index], 1],
  call: [(index) => [0x10, index], 2],
  return_call: [(index) => [0x12, index], 2],
  'ref.func': [(index) => [0xd2, index, 0x1a], 2],
  'call_indirect of a type': [(index) => [...zero, 0x11, index, 0], 2],
  'call_indirect of a table': [(index) => [...zero, 0x11, 0, index], 1],
  call_ref: [(index) => [0xd0, 0x70, 0x14, index], 2],
  'block of a type': [(index) => [0x02, index, 0x0b], 2],
  'loop of a type': [(index) => [0x03, index, 0x0b], 2],
  'ref.null of a type': [(index) => [0xd0, index, 0x1a], 2],
  'table.get': [(index) => [...zero, 0x25, index, 0x1a], 1],
  'table.set': [(index) => [...zero, 0xd0, 0x70, 0x26, index], 1],
  'table.size': [(index) => [0xfc, 16, index, 0x1a], 1],
  'table.grow': [(index) => [0xd0, 0x70, ...zero, 0xfc, 15, index, 0x1a], 1],
  throw: [(index) => [0x08, index], 1],
  'try_table of a tag': [(index) => [0x1f, 0x40, 1, 0, index, 0, 0x0b], 1],
}

/** All indexes that the meter's own things could have, and some beyond. */
const beyond = (count: number): number[] => Array.from({ length: 12 }, (_, more) => count + more)

test.each(Object.entries(references))('%s beyond the last one is refused', (_, [write, count]) => {
  for (const index of beyond(count)) {
    const bytes = moduleWith(write(index))
    expect(engine.validate(bytes)).toBe(false)
    for (const fuel of [false, true]) expect(meterModule(bytes, { ...wideOptions, fuel }).ok).toBe(false)
  }
})

test.each(Object.entries(references))(
  '%s beyond the last one is refused or stays invalid when nobody validates',
  (name, [write, count]) => {
    for (const index of beyond(count)) {
      const result = meterModule(moduleWith(write(index)), { ...wideOptions, fuel: true, validate: () => undefined })
      if (!result.ok || !engine.validate(result.module.bytes)) continue
      // The meter's types are no secret and hold nothing.
      expect(name).toMatch(/type|call_ref/u)
    }
  },
)

const withoutAny: readonly (readonly [string, readonly number[], Partial<Counts>])[] = [
  ['i32.store without a memory', [...zero, ...zero, 0x36, 2, 0], { memories: 0 }],
  ['memory.size without a memory', [0x3f, 0, 0x1a], { memories: 0 }],
  ['memory.grow without a memory', [...zero, 0x40, 0, 0x1a], { memories: 0 }],
  ['memory.fill without a memory', [...zero, ...zero, ...zero, 0xfc, 11, 0], { memories: 0 }],
  ['memory.copy without a memory', [...zero, ...zero, ...zero, 0xfc, 10, 0, 0], { memories: 0 }],
  [
    'v128.store without a memory',
    [...zero, 0xfd, 12, ...Array.from({ length: 16 }, () => 0), 0xfd, 11, 4, 0],
    { memories: 0 },
  ],
  ['i32.atomic.store without a memory', [...zero, ...zero, 0xfe, 0x17, 2, 0], { memories: 0 }],
  ['global.set without a global', [...zero, 0x24, 0], { globals: 0 }],
  ['global.get without a global', [0x23, 0, 0x1a], { globals: 0 }],
]

test.each(withoutAny)('%s is refused', (_, body, counts) => {
  const bytes = moduleWith(body, counts)
  expect(engine.validate(bytes)).toBe(false)
  expect(meterModule(bytes, wideOptions).ok).toBe(false)
  const unjudged = meterModule(bytes, { ...wideOptions, fuel: true, validate: () => undefined })
  expect(unjudged.ok && engine.validate(unjudged.module.bytes)).toBe(false)
})

const sections: Readonly<Record<string, (out: Bytes, index: number) => void>> = {
  'an export of a function': (out, index) =>
    out.section(
      7,
      new Bytes()
        .raw(1)
        .name('x')
        .raw(0, 2 + index),
    ),
  'an export of a table': (out, index) =>
    out.section(
      7,
      new Bytes()
        .raw(1)
        .name('x')
        .raw(1, 1 + index),
    ),
  'an export of a memory': (out, index) =>
    out.section(
      7,
      new Bytes()
        .raw(1)
        .name('x')
        .raw(2, 1 + index),
    ),
  'an export of a global': (out, index) =>
    out.section(
      7,
      new Bytes()
        .raw(1)
        .name('x')
        .raw(3, 1 + index),
    ),
  'an export of a tag': (out, index) =>
    out.section(
      7,
      new Bytes()
        .raw(1)
        .name('x')
        .raw(4, 1 + index),
    ),
  'the start section': (out, index) => out.section(8, new Bytes().raw(2 + index)),
  'an element': (out, index) => out.section(9, new Bytes().raw(1, 0, 0x41, 0, 0x0b, 1, 2 + index)),
  'an element as an expression': (out, index) =>
    out.section(9, new Bytes().raw(1, 4, 0x41, 0, 0x0b, 1, 0xd2, 2 + index, 0x0b)),
  'the offset of an element segment': (out, index) => out.section(9, new Bytes().raw(1, 0, 0x23, 1 + index, 0x0b, 0)),
  'the table of an element segment': (out, index) =>
    out.section(9, new Bytes().raw(1, 2, 1 + index, 0x41, 0, 0x0b, 0, 0)),
}

test.each(Object.entries(sections))('%s beyond the last one is refused', (_, write) => {
  for (let more = 0; more < 12; more++) {
    const bytes = moduleWith([], {}, (out) => write(out, more))
    expect(engine.validate(bytes)).toBe(false)
    expect(meterModule(bytes, wideOptions).ok).toBe(false)
    const unjudged = meterModule(bytes, { ...wideOptions, fuel: true, validate: () => undefined })
    expect(unjudged.ok && engine.validate(unjudged.module.bytes)).toBe(false)
  }
})

test('the same with indexes that exist is taken', () => {
  for (const [name, [write, count]] of Object.entries(references)) {
    const bytes = moduleWith(write(count - 1))
    // Some need more than an index to be valid: a declaration, operands of another type.
    if (engine.validate(bytes)) expect(engine.validate(meterOrThrow(bytes).bytes), name).toBe(true)
  }
})
