import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { watchCpu } from './cpu-watch.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('an idle tree is looked at once in the time in which it could use up what is left', () => {
  const used = vi.fn<() => number>(() => 0)
  const watch = watchCpu(used, 30, { cores: 2, over: () => expect.unreachable() })
  vi.advanceTimersByTime(60_000)
  expect(used.mock.calls.length).toBe(5)
  watch.stop()
  vi.advanceTimersByTime(60_000)
  expect(used.mock.calls.length).toBe(5)
})

test('a busy tree is ended once, at its limit', () => {
  let used = 0
  const over = vi.fn<() => void>()
  watchCpu(() => used, 3, { cores: 4, over })
  for (let elapsed = 0; elapsed < 5_000; elapsed += 10) {
    used += 0.04
    vi.advanceTimersByTime(10)
    if (used < 3) expect(over).not.toHaveBeenCalled()
    if (used > 3.3) expect(over).toHaveBeenCalledTimes(1)
  }
})
