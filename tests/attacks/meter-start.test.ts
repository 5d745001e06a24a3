// Code in the start section would run inside the instantiation, where nobody could end or pause it: it becomes an export.

import { expect, test } from 'vitest'
import { engine } from '../../packages/meter/fuzz/engine.ts'
import { isEnded, openGuest, wat } from '../meter/guest.ts'
import { meterOrThrow } from '../../packages/meter/fuzz/metering.ts'

const source =
  '(module (global $runs (export "runs") (mut i32) (i32.const 0)) (func $s (global.set $runs (i32.const 1)) (loop $l (br $l))) (start $s))'

test('the metered module has no start section', () => {
  const { startExport, bytes } = meterOrThrow(wat(source))
  expect(startExport).toBe('bulkhead:meter/start')
  expect(engine.Module.exports(new engine.Module(bytes)).map(({ name }) => name)).toContain(startExport)
})

test('an endless start runs when it is called, not before, and ends', () => {
  const guest = openGuest(source)
  expect((guest.exports['runs'] as { value: number }).value).toBe(0)
  guest.registers.flag = true
  guest.registers.onInterrupt = () => guest.registers.kill()
  expect(isEnded(guest.call('start'))).toBe(true)
})

test('a start function that is an import is called through the wrapper', () => {
  let calls = 0
  const guest = openGuest('(module (import "env" "f" (func $f)) (start $f))', {
    imports: { env: { f: () => calls++ } },
  })
  expect(calls).toBe(0)
  guest.registers.state.value = 1
  expect(isEnded(guest.call('start'))).toBe(true)
  expect(calls).toBe(1)
})
