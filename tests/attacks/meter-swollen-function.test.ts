// Code that grows when checks are put in: a function that is then too large for the engine is refused, instead of writing what
// nobody can compile, and so is a module that would fill the host's memory.

import { expect, test } from 'vitest'
import { meterModule } from '@bulkhead/meter'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { wideOptions } from '../../packages/meter/fuzz/metering.ts'

/** Many loops, one after the other. */
const moduleOfLoops = (count: number): Uint8Array => {
  const head = new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(1, new Bytes().raw(1, 0x60, 0, 0))
    .section(3, new Bytes().raw(1, 0))
    .taken()
  const body = new Uint8Array(count * 3 + 2)
  for (let index = 0; index < count; index++) body.set([0x03, 0x40, 0x0b], 1 + index * 3)
  body[body.length - 1] = 0x0b
  const lead = new Bytes().raw(1).u32(body.length).taken()
  const section = new Bytes()
    .raw(10)
    .u32(lead.length + body.length)
    .append(lead)
    .taken()
  return Buffer.concat([head, section, body])
}

test.each([
  [1_000, true],
  [1_000_000, false],
])('%i loops', (count, isTaken) => {
  const bytes = moduleOfLoops(count)
  expect(engine.validate(bytes)).toBe(true)
  for (const fuel of [false, true]) {
    const result = meterModule(bytes, { ...wideOptions, fuel })
    expect(result.ok).toBe(isTaken)
    if (result.ok) expect(engine.validate(result.module.bytes)).toBe(true)
    else expect(result.fault.code).toBe('artifact.feature')
  }
})

/** Many functions of many loops each. */
const moduleOfFunctions = (functions: number, loops: number): Uint8Array => {
  const body = new Uint8Array(loops * 3 + 2)
  for (let index = 0; index < loops; index++) body.set([0x03, 0x40, 0x0b], 1 + index * 3)
  body[body.length - 1] = 0x0b
  const one = Buffer.concat([new Bytes().u32(body.length).taken(), body])
  const indexes = new Uint8Array(functions)
  const types = new Bytes().u32(functions).taken()
  return Buffer.concat([
    new Bytes()
      .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
      .section(1, new Bytes().raw(1, 0x60, 0, 0))
      .taken(),
    new Bytes()
      .raw(3)
      .u32(types.length + indexes.length)
      .append(types)
      .taken(),
    indexes,
    new Bytes()
      .raw(10)
      .u32(types.length + functions * one.length)
      .append(types)
      .taken(),
    ...Array.from({ length: functions }, () => one),
  ])
}

test('a whole module of tiny loops does not fill the memory', () => {
  const bytes = moduleOfFunctions(200, 10_000)
  expect(engine.validate(bytes)).toBe(true)
  for (const fuel of [false, true]) {
    const result = meterModule(bytes, { ...wideOptions, fuel })
    if (result.ok) expect(result.module.bytes.length).toBeLessThan(128 * 1024 * 1024)
    else expect(result.fault.code).toMatch(/^artifact\./u)
  }
})
