import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  defaultSupervision,
  narrowSupervision,
  type SupervisionRules,
  supervisionRules,
  Supervisor,
} from './supervision.ts'

/** A supervisor on a clock that stands still until it is moved. */
const make = (rules: Partial<SupervisionRules> = {}, random = () => 0.999_999) => {
  let nowMs = 1000
  const supervisor = new Supervisor({ ...defaultSupervision, ...rules }, { clock: { monotonic: () => nowMs }, random })
  return {
    supervisor,
    now: () => nowMs,
    pass: (ms: number) => {
      nowMs += ms
    },
    /** A start and a crash right after it. */
    crash: () => supervisor.crashed({ beganMs: nowMs }),
  }
}

test('the first restart comes at once, the next ones after waits that double up to the longest', () => {
  const { supervisor, crash, pass } = make({ crashes: 100, backoffMs: 500, maxBackoffMs: 3000 })
  const waits = [1, 2, 3, 4, 5, 6].map(() => {
    crash()
    const { waitMs } = supervisor
    pass(waitMs)
    return Math.round(waitMs)
  })
  expect(waits).toEqual([0, 500, 1000, 2000, 3000, 3000])
})

test('jitter takes up to half of a wait away and adds nothing', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.999, noNaN: true }), (random) => {
      const { supervisor, crash } = make({}, () => random)
      crash()
      crash()
      expect(supervisor.waitMs).toBeGreaterThanOrEqual(250)
      expect(supervisor.waitMs).toBeLessThanOrEqual(500)
    }),
  )
})

test('so many crashes in the window put it into quarantine, and nothing that ends well takes it out', () => {
  const { supervisor, crash, pass, now } = make({ crashes: 3 })
  expect([crash(), crash(), crash()]).toEqual(['counted', 'counted', 'quarantined'])
  expect(supervisor.state).toBe('quarantined')
  pass(3_600_000)
  expect(supervisor.ended(now())).toBe(false)
  expect(crash()).toBe('not-counted')
  expect(supervisor.state).toBe('quarantined')
})

test('crashes that are older than the window are forgotten', () => {
  const { supervisor, crash, pass } = make({ crashes: 3, windowMs: 60_000 })
  crash()
  pass(30_000)
  crash()
  pass(30_000)
  expect(supervisor.crashes).toBe(1)
  expect(crash()).toBe('counted')
  expect(crash()).toBe('quarantined')
})

test('what was under way together and fell together is one incident, and no more than can have been', () => {
  const { supervisor, pass } = make({ crashes: 3 })
  pass(100)
  const fall = () => {
    pass(1)
    return supervisor.crashed({ beganMs: 1000, together: 8 })
  }
  const verdicts = Array.from({ length: 8 }, fall)
  expect(verdicts).toEqual(['counted', ...Array.from({ length: 7 }, () => 'not-counted')])
  expect(supervisor.crashes).toBe(1)
  // A thousand that had queued up are no incident.
  expect(Array.from({ length: 8 }, fall)).toEqual(['counted', ...Array.from({ length: 7 }, () => 'not-counted')])
  expect(fall()).toBe('quarantined')
})

test('a crash with several suspects counts against none of them', () => {
  const { supervisor, now } = make({ crashes: 2 })
  for (let round = 0; round < 10; round++) {
    expect(supervisor.crashed({ beganMs: now(), suspects: 2 })).toBe('not-counted')
  }
  expect([supervisor.crashes, supervisor.waitMs, supervisor.state]).toEqual([0, 0, 'recovering'])
})

test('it is healthy again when something that began after the crash ends well', () => {
  const { supervisor, crash, pass, now } = make()
  expect([supervisor.state, supervisor.ended(now())]).toEqual(['healthy', false])
  const before = now()
  pass(10)
  crash()
  pass(10)
  crash()
  expect(supervisor.state).toBe('backing-off')
  pass(supervisor.waitMs)
  expect(supervisor.state).toBe('recovering')
  expect(supervisor.ended(before)).toBe(false)
  expect(supervisor.state).toBe('recovering')
  expect(supervisor.ended(now())).toBe(true)
  expect([supervisor.state, supervisor.waitMs, supervisor.crashes]).toEqual(['healthy', 0, 2])
  expect(supervisor.ended(now())).toBe(false)
})

test('a plugin that crashes right after each good call is quarantined all the same', () => {
  const { supervisor, crash, pass, now } = make({ crashes: 4 })
  const verdicts = [1, 2, 3, 4].map(() => {
    pass(supervisor.waitMs)
    supervisor.ended(now())
    return crash()
  })
  expect(verdicts.at(-1)).toBe('quarantined')
})

const rules = fc.record(
  Object.fromEntries(supervisionRules.map((rule) => [rule, fc.integer({ min: 1, max: 1e6 })])) as Record<
    keyof SupervisionRules,
    fc.Arbitrary<number>
  >,
)

test('narrowing never loosens a rule, whatever is said', () => {
  const tight = narrowSupervision(defaultSupervision, {
    crashes: 2,
    windowMs: 900_000,
    backoffMs: 1000,
    maxBackoffMs: 60_000,
    healthEveryMs: 5000,
    healthTimeoutMs: 500,
    idleMs: 1000,
  })
  expect(tight).toEqual({
    crashes: 2,
    windowMs: 900_000,
    backoffMs: 1000,
    maxBackoffMs: 60_000,
    healthEveryMs: 5000,
    healthTimeoutMs: 500,
    idleMs: 1000,
  })
  expect(narrowSupervision(tight, defaultSupervision)).toEqual(tight)
  fc.assert(
    fc.property(rules, rules, (a, b) => {
      expect(narrowSupervision(a, b)).toEqual(narrowSupervision(b, a))
      expect(narrowSupervision(narrowSupervision(a, b), a)).toEqual(narrowSupervision(a, b))
      expect(narrowSupervision(a, {})).toEqual(a)
    }),
  )
})
