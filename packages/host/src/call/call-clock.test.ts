import { BulkheadError, type Clock, Deadlines } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { CallClock, type CallClockOptions } from './call-clock.ts'

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
  const deadlines = new Deadlines(clock)
  const open = (options: Partial<CallClockOptions>): CallClock =>
    new CallClock({ clock, deadlines }, { limitMs: 100, timeoutMs: Number.POSITIVE_INFINITY, what: 'p.a', ...options })
  return { advance, open, now: () => at, watched: deadlines }
}

test('the call ends at its limit', () => {
  const { advance, open } = fakeClock()
  using call = open({})
  const heard: unknown[] = []
  call.onEnd((error) => heard.push(error.code))
  advance(99)
  expect(call.error).toBeUndefined()
  advance(1)
  expect(call.error).toMatchObject({ code: 'limit.time' })
  expect(call.signal.reason).toBe(call.error)
  expect(heard).toEqual(['limit.time'])
})

test('the hint names the bound that was met', () => {
  const { advance, open } = fakeClock()
  using byLimit = open({ limitMs: 100, timeoutMs: 200 })
  using byTimeout = open({ limitMs: 200, timeoutMs: 100 })
  using byBoth = open({ limitMs: 100, timeoutMs: 100 })
  advance(100)
  expect(byLimit.error).toMatchObject({ message: 'p.a ran past its limit of 100 ms' })
  expect(byLimit.error?.hint).toContain('--limit wall=')
  for (const { error } of [byTimeout, byBoth]) {
    expect(error).toMatchObject({ code: 'limit.time', message: 'p.a ran past its timeout of 100 ms' })
    expect(error?.hint).toContain('raise --timeout')
  }
})

test('while a person is asked the clock stands still', () => {
  const { advance, open } = fakeClock()
  using call = open({ timeoutMs: 100 })
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

test('waiting for the host stops the plugin’s own limit, and nobody else’s', () => {
  const { advance, open, now } = fakeClock()
  using own = open({ limitMs: 100 })
  using other = open({ limitMs: 100, timeoutMs: 300 })
  for (const call of [own, other]) {
    call.enterHost(now())
    call.enterHost(now())
  }
  advance(200)
  for (const call of [own, other]) {
    call.leaveHost(now())
    call.leaveHost(now())
  }
  expect([own.deadlineMs, other.deadlineMs]).toEqual([300, 300])
  other.enterHost(now())
  advance(99)
  expect([own.error, other.error]).toEqual([undefined, undefined])
  advance(1)
  expect([own.error?.code, other.error?.code]).toEqual(['limit.time', 'limit.time'])
})

test.for([
  ['asked within a host call', ['enter', 'ask', 'answer', 'leave']],
  ['the host call ends while a person is asked', ['enter', 'ask', 'leave', 'answer']],
  ['a host call within the question', ['ask', 'enter', 'leave', 'answer']],
  ['a host call that outlasts the question', ['ask', 'enter', 'answer', 'leave']],
] as const)('no span counts twice: %s', ([, steps]) => {
  const { advance, open, now } = fakeClock()
  using call = open({ limitMs: 100 })
  let question: Disposable | undefined
  const start = call.deadlineMs
  for (const step of steps) {
    if (step === 'enter') call.enterHost(now())
    else if (step === 'leave') call.leaveHost(now())
    else if (step === 'ask') question = call.pause()
    else question?.[Symbol.dispose]()
    if (step !== steps.at(-1)) advance(10)
  }
  expect(call.deadlineMs - start).toBe(30)
})

test('the caller’s signal ends it, and after disposal nothing does', () => {
  const { advance, open } = fakeClock()
  const caller = new AbortController()
  const first = open({ signal: caller.signal })
  const second = open({ signal: caller.signal })
  second[Symbol.dispose]()
  caller.abort('enough')
  expect(first.error).toMatchObject({ code: 'call.cancelled' })
  advance(1000)
  expect(second.error).toBeUndefined()
  expect(open({ signal: caller.signal }).error).toMatchObject({ code: 'call.cancelled' })
})

test('an end that a compartment tells of is told with the bound that was met, and nothing else is touched', () => {
  const { advance, open } = fakeClock()
  const told = new BulkheadError('limit.time', 'p.a ran past its time limit')
  using byLimit = open({ limitMs: 100, timeoutMs: 200 })
  using byBoth = open({ limitMs: 100, timeoutMs: 100 })
  expect(byBoth.named(told)).toBe(told)
  advance(100)
  expect(byBoth.named(told)).toMatchObject({ message: 'p.a ran past its timeout of 100 ms' })
  expect(byBoth.named(told).hint).toContain('raise --timeout')
  expect(byLimit.named(told)).toBe(told)
  const other = new BulkheadError('plugin.failed', 'no')
  expect(byBoth.named(other)).toBe(other)
})
