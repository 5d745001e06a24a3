import { expect, test } from 'vitest'
import { delayAfter } from './attempt.ts'

const rules = { attempts: 10, backoffMs: 100, factor: 3, maxMs: 1000, jitter: 0 }

test('waits grow by their factor up to the longest', () => {
  expect([1, 2, 3, 4].map((attempts) => delayAfter(attempts, rules, 0.9))).toEqual([100, 300, 900, 1000])
  expect(delayAfter(100, { ...rules, factor: 100 }, 0)).toBe(1000)
})

test('chance takes away no more than its share', () => {
  expect(delayAfter(1, { ...rules, jitter: 0.5 }, 0)).toBe(100)
  expect(delayAfter(1, { ...rules, jitter: 0.5 }, 1)).toBe(50)
  expect(delayAfter(1, { ...rules, jitter: 1 }, 1)).toBe(0)
})
