// Timers of a thread: called in their order, dropped at any time, and cheap however many there are.

import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { TurnTimers } from './timers.ts'

afterEach(() => vi.restoreAllMocks())

test('those that are left fire in the order in which they fall due, and of one time in that of their start', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean()), { maxLength: 200 }), (started) => {
      let nowMs = 0
      vi.spyOn(performance, 'now').mockImplementation(() => nowMs)
      const timers = new TurnTimers()
      const fired: number[] = []
      const handles = started.map(([ms], index) => timers.after(ms, () => fired.push(index)))
      const left = started.map(([ms], index) => ({ ms, index })).filter(({ index }) => !started[index]?.[1])
      // Once is enough, twice does no harm.
      for (const handle of [...handles, ...handles].filter((_, index) => started[index % started.length]?.[1])) {
        handle[Symbol.dispose]()
      }
      const wanted = left.toSorted((a, b) => a.ms - b.ms || a.index - b.index)
      for (nowMs = 0; nowMs <= 20; nowMs++) {
        expect(timers.untilNextMs).toBe((wanted[fired.length]?.ms ?? Number.POSITIVE_INFINITY) - nowMs)
        timers.fire()
      }
      expect(fired).toEqual(wanted.map(({ index }) => index))
    }),
  )
})

test('one that drops others, itself too, leaves the rest', () => {
  const timers = new TurnTimers()
  const fired: string[] = []
  const later = timers.after(-1, () => fired.push('dropped'))
  const first = timers.after(-2, () => {
    fired.push('first')
    later[Symbol.dispose]()
    first[Symbol.dispose]()
  })
  timers.after(-1, () => fired.push('last'))
  expect([timers.fire(), fired]).toEqual([2, ['first', 'last']])
})

test('tens of thousands are started, dropped and called in little time, and not all in one turn', () => {
  const timers = new TurnTimers()
  const start = (ms: (index: number) => number): Disposable[] =>
    Array.from({ length: 100_000 }, (_, index) => timers.after(ms(index), () => undefined))
  const before = process.threadCpuUsage().user
  for (const handle of start((index) => 1e6 - index)) handle[Symbol.dispose]()
  expect(timers.untilNextMs).toBe(Number.POSITIVE_INFINITY)
  start(() => -1)
  let turns = 0
  while (timers.fire() > 0) turns++
  expect(turns).toBe(100)
  // In a list in order it took seconds.
  expect((process.threadCpuUsage().user - before) / 1000).toBeLessThan(1000)
})
