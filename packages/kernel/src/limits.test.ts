import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultLimits, grantLimits, type Limits, parseDurationMs, parseSizeBytes, tightenLimits } from './limits.ts'

const limits = fc.record(
  { memoryBytes: fc.nat(), wallMs: fc.nat(), fuel: fc.nat(), concurrency: fc.nat() },
  { requiredKeys: [] },
) as fc.Arbitrary<Partial<Limits>>

test('a manifest never gets more than the bounds, nor more than the defaults where there are none', () => {
  fc.assert(
    fc.property(limits, limits, (asked, bounds) => {
      const granted = grantLimits(asked, bounds)
      for (const name of ['memoryBytes', 'wallMs', 'concurrency'] as const) {
        const bound = bounds[name] ?? defaultLimits[name]
        expect(granted[name]).toBe(Math.min(asked[name] ?? bound, bound))
      }
    }),
  )
})

test('tightening never loosens', () => {
  fc.assert(
    fc.property(limits, (by) => {
      const tight = tightenLimits(defaultLimits, by)
      expect(tight.memoryBytes).toBeLessThanOrEqual(defaultLimits.memoryBytes)
      expect(tight.fuel).toBe(by.fuel)
    }),
  )
})

test('durations and sizes are written with their unit', () => {
  expect(parseDurationMs('500ms')).toBe(500)
  expect(parseDurationMs('1.5s')).toBe(1500)
  expect(parseSizeBytes('64KiB')).toBe(65_536)
  expect(parseSizeBytes('10MB')).toBe(10_000_000)
  for (const text of ['', '5', 's', '-1s', '1e3s', '5 s', '1y', '9'.repeat(20) + 's', '__proto__']) {
    expect(() => parseDurationMs(text)).toThrowError(expect.objectContaining({ code: 'usage.invalid' }))
  }
})
