import type { Clock } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { openCallClock } from './call-clock.ts'

const fakeClock = () => {
  let at = 0
  const timers = new Set<{ due: number; run: () => void }>()
  const clock: Clock = {
    now: () => at,
    monotonic: () => at,
    after: (ms, run) => {
      const timer = { due: at + ms, run }
      timers.add(timer)
      return { [Symbol.dispose]: () => void timers.delete(timer) }
    },
  }
  const advance = (ms: number): void => {
    at += ms
    for (const timer of [...timers]) {
      if (timer.due > at) continue
      timers.delete(timer)
      timer.run()
    }
  }
  return { clock, advance, timers }
}

test('the call ends at its limit', () => {
  const { clock, advance } = fakeClock()
  using call = openCallClock(clock, { wallMs: 100, parents: [], what: 'p.a' })
  advance(99)
  expect(call.signal.aborted).toBe(false)
  advance(1)
  expect(call.signal.reason).toMatchObject({ code: 'limit.time' })
})

test('while a person is asked the clock stands still', () => {
  const { clock, advance } = fakeClock()
  using call = openCallClock(clock, { wallMs: 100, parents: [], what: 'p.a' })
  advance(50)
  const outer = call.pause()
  const inner = call.pause()
  advance(1000)
  expect(call.deadlineMs).toBe(1100)
  inner[Symbol.dispose]()
  inner[Symbol.dispose]()
  advance(1000)
  outer[Symbol.dispose]()
  expect(call.signal.aborted).toBe(false)
  advance(49)
  expect(call.signal.aborted).toBe(false)
  advance(1)
  expect(call.signal.aborted).toBe(true)
})

test('disposing leaves no timer', () => {
  const { clock, timers } = fakeClock()
  openCallClock(clock, { wallMs: 100, parents: [], what: 'p.a' })[Symbol.dispose]()
  expect(timers.size).toBe(0)
})
