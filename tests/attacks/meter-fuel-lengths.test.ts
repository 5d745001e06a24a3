// What one instruction moves has its price: a guest with little fuel does not get much work out of few instructions.

import { expect, test } from 'vitest'
import { openGuest } from '../meter/guest.ts'

const plenty = 1n << 40n

const priceOf = (instruction: string): number => {
  const guest = openGuest(
    `(module (memory 32) (memory 32) (data $d "${'x'.repeat(100_000)}") (table $t 100000 200000 funcref) (table $u 100000 funcref)
      (elem $e func ${'$f '.repeat(20_000)}) (func $f) (func (export "run") ${instruction}))`,
    { fuel: true, maxTableElements: 400_000 },
  )
  guest.registers.fuel.value = plenty
  expect(guest.call('run')).toEqual({ result: undefined })
  return Number(plenty - (guest.registers.fuel.value as bigint))
}

/** Instructions over a number of bytes or elements. */
const instructions: Readonly<Record<string, (count: number) => string>> = {
  'memory.fill': (count) => `(memory.fill (i32.const 0) (i32.const 1) (i32.const ${count}))`,
  'memory.copy': (count) => `(memory.copy (i32.const 1) (i32.const 0) (i32.const ${count}))`,
  'memory.copy between memories': (count) => `(memory.copy 0 1 (i32.const 1) (i32.const 0) (i32.const ${count}))`,
  'memory.init': (count) => `(memory.init $d (i32.const 0) (i32.const 0) (i32.const ${count}))`,
  'table.fill': (count) => `(table.fill $t (i32.const 0) (ref.null func) (i32.const ${count}))`,
  'table.copy': (count) => `(table.copy $t $u (i32.const 0) (i32.const 0) (i32.const ${count}))`,
  'table.init': (count) => `(table.init $t $e (i32.const 0) (i32.const 0) (i32.const ${count}))`,
  'table.grow': (count) => `(drop (table.grow $t (ref.null func) (i32.const ${count})))`,
}

test.each(Object.entries(instructions))('%s is paid by its length', (_, write) => {
  expect(priceOf(write(20_000)) - priceOf(write(0))).toBeGreaterThanOrEqual(20_000 / 64 - 1)
})

test('the same costs the same', () => {
  for (const write of Object.values(instructions)) expect(priceOf(write(777))).toBe(priceOf(write(777)))
})
