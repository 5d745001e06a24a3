// Time on the engine's own Temporal, and on the polyfill that takes its place where there is none.

import type { AnyHostFunction } from '@bulkhead/kernel'
import fc from 'fast-check'
import { afterEach, expect, test, vi } from 'vitest'
import { makeTimeFunctions } from './time-functions.ts'

const clock = { now: () => Date.UTC(2026, 11, 1, 5, 24, 8, 123) }

const asker = (functions: readonly AnyHostFunction[]) => (name: string, input: unknown) => {
  const fn = functions.find((one) => one.name === name)
  if (fn === undefined) throw new Error(`no ${name}`)
  const permit = { function: name, input: fn.input.parse(input) as unknown, capabilities: [], recordId: '' }
  return fn.output.parse(fn.run(permit, undefined as never)) as Record<string, unknown>
}
const ask = asker(makeTimeFunctions({ clock }))

const questions: readonly (readonly [string, unknown])[] = [
  ['time.now', {}],
  ['time.now', { zone: 'Asia/Kathmandu' }],
  ['time.parse', { text: '2026-03-29T02:30', zone: 'Europe/Berlin' }],
  ['time.parse', { text: '2026-W53-4' }],
  ['time.parse', { text: '20260301T101112Z' }],
  ['time.parse', { text: '2026-03-01 10:11:12.5+05:45' }],
  ['time.parse', { text: '2026-07-01T12:00[America/New_York]', zone: 'UTC' }],
  ['time.parse', { text: '3 Mar 2026, 12:05 AM', format: "d MMM yyyy', 'h:mm a", zone: 'Asia/Tokyo' }],
  ['time.format', { time: -1, format: "EEEE d MMMM yyyy 'o''clock' hh:mm:ss.SSS a xxx VV ww YYYY DDD e" }],
  ['time.add', { time: '2026-10-24T12:00', duration: 'P1D', zone: 'Europe/Berlin' }],
  ['time.add', { time: '2026-10-24T12:00', duration: { hours: 24 }, zone: 'Europe/Berlin' }],
  ['time.add', { time: '2024-02-29', duration: '-P1Y' }],
  ['time.diff', { from: '2026-01-01', to: '2025-11-30T12:00', largest: 'year', unit: 'hour' }],
  ['time.start_of', { time: '2026-01-01T03:00', unit: 'week' }],
  ['time.end_of', { time: '2024-02-10', unit: 'month', zone: 'Pacific/Apia' }],
]

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

test('the polyfill says what the engine says', async () => {
  const expected = questions.map(([name, input]) => ask(name, input))
  const own = globalThis.Temporal
  try {
    Reflect.deleteProperty(globalThis, 'Temporal')
    vi.resetModules()
    const { makeTimeFunctions: makeAnew } = await import('./time-functions.ts')
    const askPolyfill = asker(makeAnew({ clock }))
    expect(questions.map(([name, input]) => askPolyfill(name, input))).toEqual(expected)
  } finally {
    Object.defineProperty(globalThis, 'Temporal', { value: own, writable: true, configurable: true })
  }
})

test('a day of the zone is not always 24 hours', () => {
  expect(ask('time.add', { time: '2026-10-24T12:00', duration: 'P1D', zone: 'Europe/Berlin' })).toMatchObject({
    iso: '2026-10-25T12:00:00.000+01:00',
  })
  expect(ask('time.add', { time: '2026-10-24T12:00', duration: 'PT24H', zone: 'Europe/Berlin' })).toMatchObject({
    iso: '2026-10-25T11:00:00.000+01:00',
  })
})

test('weeks and days of the year', () => {
  expect(ask('time.parse', { text: '2026-W01-1' })).toMatchObject({ iso: '2025-12-29T00:00:00.000+00:00', week: 1 })
  expect(ask('time.parse', { text: '2026-335' })).toMatchObject({ month: 12, day: 1 })
  for (const text of ['2026-W54', '2026-W00', '2026-366', '2026-000', '2025-W53']) {
    expect(() => ask('time.parse', { text }), text).toThrow('text: ')
  }
})

test('what is written by a pattern is read by it again', () => {
  const format = "yyyy-MM-dd'T'HH:mm:ss.SSSxxx"
  fc.assert(
    fc.property(fc.integer({ min: -6e13, max: 2.5e14 }), (time) => {
      const { text } = ask('time.format', { time, format, zone: 'America/Sao_Paulo' })
      // An offset of minutes cannot say what the local time before 1914 was, to the second.
      if (time < -1_767_214_412_000) return
      expect(ask('time.parse', { text, format })).toMatchObject({ epoch: time })
    }),
  )
})

test('the start of a unit is not after a time, and its end not before', () => {
  const unit = fc.constantFrom('year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond')
  const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/St_Johns', 'Pacific/Apia')
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), unit, zone, (time, of, where) => {
      const [start, end] = ['time.start_of', 'time.end_of'].map(
        (name) => ask(name, { time, unit: of, zone: where })['epoch'],
      )
      expect(start).toBeLessThanOrEqual(time)
      expect(end).toBeGreaterThanOrEqual(time)
    }),
  )
})
