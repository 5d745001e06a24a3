import type { Clock } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { makeRateLimit } from './rate.ts'

test('one second of calls may come at once, then they come at the rate', () => {
  let now = 0
  const clock: Clock = { now: () => now, monotonic: () => now, after: () => ({ [Symbol.dispose]: () => {} }) }
  const take = makeRateLimit('p', 5, clock)
  for (let index = 0; index < 5; index++) take()
  expect(take).toThrowError(expect.objectContaining({ code: 'limit.rate' }))
  now += 200
  take()
  expect(take).toThrowError(expect.objectContaining({ code: 'limit.rate' }))
})

test('without a rate nothing is refused', () => {
  const take = makeRateLimit('p', undefined, {
    now: () => 0,
    monotonic: () => 0,
    after: () => ({ [Symbol.dispose]: () => {} }),
  })
  for (let index = 0; index < 1000; index++) take()
})
