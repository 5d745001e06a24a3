// The engine compiles a function when it is first called, which nothing can interrupt. A guest that calls many large
// functions for the first time, one after the other, is asked between them.

import { expect, test } from 'vitest'
import { openGuest } from '../meter/guest.ts'

const functions = 100

const asksOf = (instructions: number): number => {
  // It returns at once: what is compiled is not executed.
  const body = `(br_if 0 (i32.const 1)) ${'(global.set $g (i32.const 1000)) '.repeat(instructions)}`
  const indexes = Array.from({ length: functions }, (_, index) => index)
  const guest = openGuest(`(module (global $g (mut i32) (i32.const 0))
    ${indexes.map((index) => `(func $f${index} ${body})`).join('\n')}
    (func (export "run") ${indexes.map((index) => `(call $f${index})`).join('\n')}))`)
  guest.registers.flag = true
  expect(guest.call('run')).toEqual({ result: undefined })
  return guest.registers.interrupts
}

test('between functions of four kilobytes', () => {
  expect(asksOf(800)).toBeGreaterThanOrEqual(functions)
})

test('not between small ones', () => {
  expect(asksOf(20)).toBeLessThan(functions / 10)
})
