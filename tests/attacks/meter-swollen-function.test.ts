// A function that the engine takes, and that is too large for it once checks are in it: the meter says so, instead of writing
// what nobody can compile.

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
