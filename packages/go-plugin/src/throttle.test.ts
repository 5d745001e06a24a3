// What a throttle allows, and for how long it holds back.

import { expect, test } from 'vitest'
import { makeThrottle } from './throttle.ts'

test('allows so much within a second, and then nothing until it is over', () => {
  let now = 0
  const throttle = makeThrottle(10, () => now)
  expect(throttle.take(10)).toBe(0)
  now = 300
  expect(throttle.take(1)).toBe(700)
  now = 1_000
  expect(throttle.take(10)).toBe(0)
  expect(throttle.take(1)).toBe(1_000)
})
