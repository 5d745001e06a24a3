// One instruction that runs for long: a guest that fills, copies or grows something huge is asked at the flag again and
// again, ends in the middle, and leaves what it would have left when nobody asks.

import { expect, test } from 'vitest'
import { isEnded, openGuest } from '../meter/guest.ts'

const mebibyte = 1024 * 1024
const pages = 1600

const guestOf = (instruction: string): ReturnType<typeof openGuest> =>
  openGuest(
    `(module (memory (export "memory") ${pages}) (memory ${pages}) (data $d "${'x'.repeat(64)}")
      (table $t 200000 funcref) (table $u 200000 funcref) (elem declare func $f) (func $f)
      (func (export "run") ${instruction}))`,
    { maxTableElements: 400_000, maxMemoryPages: 2 * pages },
  )

const length = 96 * mebibyte + 17

const memoryInstructions: Readonly<Record<string, string>> = {
  'memory.fill': `(memory.fill (i32.const 5) (i32.const 7) (i32.const ${length}))`,
  'memory.copy forwards': `(memory.copy (i32.const 5) (i32.const 9) (i32.const ${length}))`,
  'memory.copy backwards': `(memory.copy (i32.const 9) (i32.const 5) (i32.const ${length}))`,
  'memory.copy between memories': `(memory.copy 0 1 (i32.const 9) (i32.const 5) (i32.const ${length}))`,
}

test.each(Object.entries(memoryInstructions))('%s asks on its way', (_, instruction) => {
  const guest = guestOf(instruction)
  guest.registers.flag = true
  expect(guest.call('run')).toEqual({ result: undefined })
  expect(guest.registers.interrupts).toBeGreaterThan(48)
})

test.each(Object.entries(memoryInstructions))('%s ends in the middle', (_, instruction) => {
  const guest = guestOf(instruction)
  guest.registers.flag = true
  guest.registers.onInterrupt = () => (guest.registers.interrupts < 10 ? 0 : guest.registers.kill())
  expect(isEnded(guest.call('run'))).toBe(true)
  expect(guest.registers.interrupts).toBe(10)
})

test('a range that lies outside traps before anything is written', () => {
  const guest = guestOf(`(memory.fill (i32.const 5) (i32.const 7) (i32.const ${pages * 65_536}))`)
  guest.registers.flag = true
  expect(String(guest.call('run').thrown)).toContain('memory access out of bounds')
  const { buffer } = guest.exports['memory'] as { buffer: ArrayBuffer }
  expect(new Uint8Array(buffer, 0, 100).every((byte) => byte === 0)).toBe(true)
})

const tableInstructions: Readonly<Record<string, string>> = {
  'table.fill': '(table.fill $t (i32.const 0) (ref.func $f) (i32.const 200000))',
  'table.copy': '(table.copy $t $u (i32.const 0) (i32.const 0) (i32.const 200000))',
  'table.copy over itself': '(table.copy $t $t (i32.const 1) (i32.const 0) (i32.const 199999))',
}

test.each(Object.entries(tableInstructions))('%s asks on its way', (_, instruction) => {
  const guest = guestOf(instruction)
  guest.registers.flag = true
  expect(guest.call('run')).toEqual({ result: undefined })
  expect(guest.registers.interrupts).toBeGreaterThan(3)
})
