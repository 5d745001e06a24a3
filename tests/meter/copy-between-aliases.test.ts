// Two imported memories can be one and the same: a long copy between them must then move bytes as one copy would.

import { expect, test } from 'vitest'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { meterOrThrow, Registers } from '../../packages/meter/fuzz/metering.ts'

/** Exports `copy` from memory 0 to memory 1, both of them imported. */
const bytes = new Bytes()
  .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
  .section(1, new Bytes().raw(1, 0x60, 3, 0x7f, 0x7f, 0x7f, 0))
  .section(2, new Bytes().raw(2).name('').name('a').raw(2, 0, 64).name('').name('b').raw(2, 0, 64))
  .section(3, new Bytes().raw(1, 0))
  .section(7, new Bytes().raw(1).name('copy').raw(0, 0))
  .section(10, new Bytes().raw(1, 12, 0, 0x20, 0, 0x20, 1, 0x20, 2, 0xfc, 10, 1, 0, 0x0b))
  .taken()

const copied = (metered: boolean, to: number, from: number): Uint8Array => {
  const memory = new engine.Memory({ initial: 64, maximum: 64 })
  const whole = new Uint8Array(memory.buffer)
  for (let at = 0; at < whole.length; at++) whole[at] = (at * 2654435761) >>> 24
  const registers = new Registers()
  const module = metered ? meterOrThrow(bytes) : undefined
  const instance = new engine.Instance(new engine.Module(module?.bytes ?? bytes), {
    '': { a: memory, b: memory },
    ...(module === undefined ? {} : registers.importsFor(module)),
  })
  const copy = instance.exports['copy'] as (target: number, source: number, count: number) => void
  copy(to, from, 3 * 1024 * 1024)
  return whole
}

test.each([
  [1000, 0],
  [0, 1000],
  [700_000, 0],
  [0, 700_000],
  [5, 5],
])('to %i from %i', (to, from) => {
  expect(Buffer.compare(copied(true, to, from), copied(false, to, from))).toBe(0)
})
