// As many operations on tables as fit between two checks, one after the other, each as long as is done in one go: the
// engine takes its time for every element, so that few elements may lie between two checks.

import { expect, test } from 'vitest'
import { openGuest } from '../meter/guest.ts'

const operations = 120
/** Some twenty nanoseconds each. */
const mostMoved = 150_000
/** Half a microsecond each, where it is the first reference to a function. */
const mostMade = 20_000

const line = (instruction: (index: number) => string): string =>
  Array.from({ length: operations }, (_, index) => instruction(index)).join('\n')

const tables = '(table $t 50000 funcref) (table $u 50000 funcref) (func $f) (elem declare func $f)'

const asksOf = (declarations: string, instructions: string): number => {
  const guest = openGuest(`(module ${declarations} (func (export "run") ${instructions}))`)
  guest.registers.flag = true
  expect(guest.call('run')).toEqual({ result: undefined })
  return guest.registers.interrupts
}

test.each([1024, 4096, 8192, 50_000])('a line of operations on %i elements of a table', (length) => {
  const least = (operations * length) / mostMoved
  const fill = `(table.fill $t (i32.const 0) (ref.func $f) (i32.const ${length}))`
  expect(
    asksOf(
      tables,
      line(() => fill),
    ),
  ).toBeGreaterThan(least)
  const copy = `(table.copy $t $u (i32.const 0) (i32.const 0) (i32.const ${length}))`
  expect(
    asksOf(
      tables,
      line(() => copy),
    ),
  ).toBeGreaterThan(least)
})

test.each([128, 512, 1024])('a line of segments of %i functions', (length) => {
  const segment = (index: number): string => `(elem $e${index} func ${'$f '.repeat(length)})`
  const init = (index: number): string =>
    `(table.init $t $e${index} (i32.const 0) (i32.const 0) (i32.const ${length})) (elem.drop $e${index})`
  const asks = asksOf(`${tables} ${line(segment)}`, line(init))
  expect(asks).toBeGreaterThan((operations * length) / mostMade)
})
