// What making an instance costs: it happens in one go on a thread that others share, for every call whose predecessor
// trapped. Modules that make the engine work for seconds there, with few bytes, are refused.

import { expect, test } from 'vitest'
import { meterModule } from '@bulkhead/meter'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { wideOptions } from '../../packages/meter/fuzz/metering.ts'

const list = (count: number, write: (out: Bytes, index: number) => void): Bytes => {
  const out = new Bytes().u32(count)
  for (let index = 0; index < count; index++) write(out, index)
  return out
}

/** A module of one function, with more sections between its own. */
const moduleOf = (sections: readonly (readonly [id: number, content: Bytes])[]): Uint8Array => {
  const all: (readonly [id: number, content: Bytes])[] = [
    [1, new Bytes().raw(1, 0x60, 0, 0)],
    [3, new Bytes().raw(1, 0)],
    ...sections,
    [10, new Bytes().raw(1, 2, 0, 0x0b)],
  ]
  const out = new Bytes().raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  for (const [id, content] of all) out.section(id, content)
  return out.taken()
}

const isTaken = (bytes: Uint8Array): boolean => {
  expect(engine.validate(bytes)).toBe(true)
  const result = meterModule(bytes, { ...wideOptions, features: {}, maxTableElements: 200_000 })
  if (result.ok) expect(engine.validate(result.module.bytes)).toBe(true)
  return result.ok
}

test.each([
  [10_000, true],
  [10_001, false],
  [100_000, false],
])('%i exports', (count, taken) => {
  const exports = list(count, (out, index) => out.name(`e${index}`).raw(0, 0))
  expect(isTaken(moduleOf([[7, exports]]))).toBe(taken)
})

const perSegment = 100_000
const segmentKinds = {
  'active, the same places over and over': { head: [0, 0x41, 0, 0x0b], element: [0] },
  'active, written as expressions': { head: [4, 0x41, 0, 0x0b], element: [0xd2, 0, 0x0b] },
  'passive, written as expressions': { head: [5, 0x70], element: [0xd2, 0, 0x0b] },
  'declared, written as expressions': { head: [7, 0x70], element: [0xd2, 0, 0x0b] },
} as const

test.each(Object.entries(segmentKinds))('elements of segments that are %s', (_, { head, element }) => {
  const elements = Uint8Array.from(
    { length: perSegment * element.length },
    (__, at) => element[at % element.length] ?? 0,
  )
  const table = new Bytes().raw(1, 0x70, 0).u32(perSegment)
  for (const [count, taken] of [
    [3, true],
    [4, false],
  ] as const) {
    const segments = list(count, (out) => {
      out
        .raw(...head)
        .u32(perSegment)
        .append(elements)
    })
    expect(
      isTaken(
        moduleOf([
          [4, table],
          [9, segments],
        ]),
      ),
    ).toBe(taken)
  }
})
