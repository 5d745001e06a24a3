import { expect, test } from 'vitest'
import { boundLog } from './log-budget.ts'

test.each([
  ['long', 'x'.repeat(100_000), 65_537],
  ['short', 'x', 1],
  ['empty', '', 0],
])('%s lines come to an end, which is told once', (_kind, line, length) => {
  const lines: string[] = []
  const log = boundLog((_level, message) => void lines.push(message))
  for (let count = 0; count < 20_000; count++) log('info', line)
  expect(lines.pop()).toBe('further log lines of this call are dropped')
  expect(lines.every((taken) => taken.length === length)).toBe(true)
  const cost = lines.length * (Math.min(line.length, 65_536) + 64)
  expect(cost).toBeLessThanOrEqual(1024 * 1024)
  expect(cost).toBeGreaterThan(900 * 1024)
})
