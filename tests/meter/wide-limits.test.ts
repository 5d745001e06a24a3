// Numbers of the full 64 bits: the maximum of a table with 64-bit addresses is capped as every other, not refused, and the
// offset of a wait is beyond any memory.

import { expect, test } from 'vitest'
import { meterModule } from '@bulkhead/meter'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { wideOptions } from '../../packages/meter/fuzz/metering.ts'
import { openGuest } from './guest.ts'

const ones = Array.from({ length: 9 }, () => 0xff)

/** One table of funcref with 64-bit addresses, exported; `limits` are the bytes of its minimum and maximum. */
const withTable = (...limits: readonly number[]): Uint8Array =>
  new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(4, new Bytes().raw(1, 0x70, 5, ...limits))
    .section(7, new Bytes().raw(1).name('t').raw(1, 0))
    .taken()

test.each([
  ['2^53', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x10]],
  ['2^64 - 1', [...ones, 0x01]],
])('a maximum of %s', (_, maximum) => {
  const bytes = withTable(3, ...maximum)
  expect(engine.validate(bytes)).toBe(true)
  const { exports } = openGuest(bytes, { maxTableElements: 10 })
  const table = exports['t'] as { length: bigint; grow(count: bigint): bigint }
  expect(table.grow(7n)).toBe(3n)
  expect(() => table.grow(1n)).toThrow('failed to grow table')
})

test('a minimum of 2^64 - 1 is more than the limit', () => {
  expect(
    meterModule(withTable(...ones, 0x01, ...ones, 0x01), { ...wideOptions, validate: () => undefined }),
  ).toMatchObject({ ok: false, fault: { code: 'limit.memory' } })
})

test('a maximum of more than 64 bits is refused', () => {
  for (const maximum of [
    [...ones, 0x02],
    [...ones, 0xff, 0x01],
  ]) {
    expect(meterModule(withTable(0, ...maximum), { ...wideOptions, validate: () => undefined })).toMatchObject({
      ok: false,
      fault: { code: 'artifact.invalid' },
    })
  }
})

test('a wait at an offset of 2^64 - 1 is outside', () => {
  const code = [0, 0x42, 8, 0x41, 0, 0x42, 0, 0xfe, 1, 0x02, ...ones, 0x01, 0x1a, 0x0b]
  const bytes = new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(1, new Bytes().raw(1, 0x60, 0, 0))
    .section(3, new Bytes().raw(1, 0))
    .section(5, new Bytes().raw(1, 7, 1, 1))
    .section(7, new Bytes().raw(1).name('run').raw(0, 0))
    .section(10, new Bytes().raw(1, code.length, ...code))
    .taken()
  expect(engine.validate(bytes)).toBe(true)
  expect(String(openGuest(bytes).call('run').thrown)).toContain('memory access out of bounds')
})
