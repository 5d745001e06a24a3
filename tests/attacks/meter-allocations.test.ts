// Garbage-collected objects, where the operator allows them: no limit of the engine's holds for them, so that each must be
// charged before it is made, by whatever instruction.

import { expect, test } from 'vitest'
import { meterModule } from '@bulkhead/meter'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { wideOptions } from '../../packages/meter/fuzz/metering.ts'
import { isEnded, openGuest } from '../meter/guest.ts'

/** Types: 0 an array of bytes, 1 a struct of two i64, 2 `[] -> []`, 3 an array of functions. Function 0 runs the code. */
const moduleOf = (code: readonly number[]): Uint8Array => {
  const body = new Bytes().raw(0, ...code, 0x0b)
  return new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(1, new Bytes().raw(4, 0x5e, 0x78, 1, 0x5f, 2, 0x7e, 1, 0x7e, 1, 0x60, 0, 0, 0x5e, 0x70, 1))
    .section(3, new Bytes().raw(1, 2))
    .section(7, new Bytes().raw(1).name('run').raw(0, 0))
    .section(9, new Bytes().raw(1, 1, 0, 4, 0, 0, 0, 0))
    .section(12, new Bytes().raw(1))
    .section(10, new Bytes().raw(1).u32(body.length).append(body))
    .section(11, new Bytes().raw(1, 1, 4, 1, 2, 3, 4))
    .taken()
}

const small = [0x41, 4]
const huge = [0x41, 0x7f]

const instructions: Readonly<Record<string, readonly number[]>> = {
  'struct.new': [0x42, 1, 0x42, 1, 0xfb, 0, 1, 0x1a],
  'struct.new_default': [0xfb, 1, 1, 0x1a],
  'array.new': [0x41, 1, ...small, 0xfb, 6, 0, 0x1a],
  'array.new_default': [...small, 0xfb, 7, 0, 0x1a],
  'array.new_fixed': [0x41, 1, 0x41, 2, 0x41, 3, 0xfb, 8, 0, 3, 0x1a],
  'array.new_fixed of nothing': [0xfb, 8, 0, 0, 0x1a],
  'array.new_data': [0x41, 0, ...small, 0xfb, 9, 0, 0, 0x1a],
  'array.new_elem': [0x41, 0, ...small, 0xfb, 10, 3, 0, 0x1a],
  'array.new of nothing': [0x41, 1, 0x41, 0, 0xfb, 6, 0, 0x1a],
}

test.each(Object.entries(instructions))('a loop of %s ends when what it may allocate is used up', (_, code) => {
  const bytes = moduleOf([0x03, 0x40, ...code, 0x0c, 0, 0x0b])
  expect(engine.validate(bytes)).toBe(true)
  const guest = openGuest(bytes)
  guest.registers.allocation.value = 100_000n
  guest.registers.onInterrupt = () => guest.registers.kill()
  expect(isEnded(guest.call('run'))).toBe(true)
  expect(guest.registers.interrupts).toBe(1)
  const left = Number(guest.registers.allocation.value)
  expect(left).toBeLessThan(0)
  expect(left).toBeGreaterThan(-200)
})

test.each([
  ['array.new', [0x41, 1, ...huge, 0xfb, 6, 0, 0x1a]],
  ['array.new_default', [...huge, 0xfb, 7, 0, 0x1a]],
  ['array.new_data', [0x41, 0, ...huge, 0xfb, 9, 0, 0, 0x1a]],
  ['array.new_elem', [0x41, 0, ...huge, 0xfb, 10, 3, 0, 0x1a]],
])('%s of four billion is charged before it is tried', (_, code) => {
  const guest = openGuest(moduleOf(code))
  guest.registers.allocation.value = 1n << 30n
  guest.registers.onInterrupt = () => guest.registers.kill()
  expect(isEnded(guest.call('run'))).toBe(true)
})

test.each(Object.entries(instructions))('%s is refused where the operator did not allow it', (_, code) => {
  const result = meterModule(moduleOf(code), { ...wideOptions, features: {} })
  expect(result).toMatchObject({ ok: false, fault: { code: 'artifact.feature' } })
})
