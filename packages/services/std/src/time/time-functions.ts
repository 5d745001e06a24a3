// The time.* host functions. Each takes microseconds on a text of at most a hundred characters, so they run on the host's loop.

import { type AnyHostFunction, type Clock, defineHostFunction } from '@bulkhead/kernel'
import { z } from 'zod'
import { describeMoment, momentOutput, orInvalid, readTime, timeInput, zoneInput } from './moment.ts'
import { formatByPattern, parseByPattern } from './pattern.ts'
import { temporal } from './temporal.ts'

const zone = zoneInput.optional()
const pattern = z.string().min(1).max(100).describe('Letters as yyyy-MM-dd HH:mm:ss.SSS xxx, text in single quotes.')
const units = ['year', 'month', 'week', 'day', 'hour', 'minute', 'second', 'millisecond'] as const
const unit = z.enum(units)
const amount = z.int().min(-1e9).max(1e9).optional()
const amounts = z.strictObject({
  years: amount,
  months: amount,
  weeks: amount,
  days: amount,
  hours: amount,
  minutes: amount,
  seconds: amount,
  milliseconds: amount,
})
const duration = z.union([z.string().max(100), amounts]).describe('ISO 8601, `P1DT2H` or `-P1M`, or amounts by name.')
const pure = { needs: () => [], risk: 'read-only' } as const

const readDuration = (given: z.output<typeof duration>): Temporal.Duration =>
  orInvalid('duration', () => {
    if (typeof given === 'string') return temporal.Duration.from(given)
    const parts = Object.entries(given).filter(([, value]) => value !== undefined && value !== 0)
    // Parts of different signs are added one by one below.
    return parts.length === 0 ? new temporal.Duration() : temporal.Duration.from(Object.fromEntries(parts))
  })

/** Declares time.now and its kin. */
export const makeTimeFunctions = ({ clock }: { readonly clock: Pick<Clock, 'now'> }): AnyHostFunction[] => [
  defineHostFunction({
    name: 'time.now',
    description: 'This moment.',
    input: z.strictObject({ zone }).default({}),
    output: momentOutput,
    ...pure,
    run: ({ input }) => describeMoment(readTime(clock.now(), input.zone)),
  }),
  defineHostFunction({
    name: 'time.parse',
    description:
      'Reads ISO 8601 text (dates, times, weeks, days of the year, zones in brackets), or text by a pattern. Without an offset it is in `zone`.',
    input: z.strictObject({ text: z.string().max(100), zone, format: pattern.optional() }),
    output: momentOutput,
    ...pure,
    run: ({ input: { text, zone: wanted, format } }) =>
      describeMoment(
        format === undefined
          ? readTime(text, wanted, 'text')
          : orInvalid('text', () => parseByPattern(text, format, wanted ?? 'UTC')),
      ),
  }),
  defineHostFunction({
    name: 'time.format',
    description: 'Writes a time by a pattern; without one, as ISO 8601 with the offset.',
    input: z.strictObject({ time: timeInput, format: pattern.optional(), zone }),
    output: z.object({ text: z.string() }),
    ...pure,
    run: ({ input: { time, format, zone: wanted } }) => {
      const moment = readTime(time, wanted)
      if (format === undefined) return { text: describeMoment(moment).iso }
      return { text: orInvalid('format', () => formatByPattern(moment, format)) }
    },
  }),
  defineHostFunction({
    name: 'time.add',
    description: 'A time and a duration later, or earlier; days and months are those of the zone.',
    input: z.strictObject({ time: timeInput, duration, zone }),
    output: momentOutput,
    ...pure,
    run: ({ input }) => {
      const moment = readTime(input.time, input.zone)
      const length = readDuration(input.duration)
      return describeMoment(orInvalid('duration', () => moment.add(length)))
    },
  }),
  defineHostFunction({
    name: 'time.diff',
    description: 'From one time to another: as amounts up to the unit `largest`, and in all in units of `unit`.',
    input: z.strictObject({
      from: timeInput,
      to: timeInput,
      largest: unit.default('day'),
      unit: unit.default('millisecond'),
      zone,
    }),
    output: z.object({
      iso: z.string(),
      years: z.number(),
      months: z.number(),
      weeks: z.number(),
      days: z.number(),
      hours: z.number(),
      minutes: z.number(),
      seconds: z.number(),
      milliseconds: z.number(),
      total: z.number(),
    }),
    ...pure,
    run: ({ input }) => {
      const from = readTime(input.from, input.zone, 'from')
      const to = readTime(input.to, input.zone ?? from.timeZoneId, 'to').withTimeZone(from.timeZoneId)
      const difference = orInvalid('to', () =>
        from.until(to, { largestUnit: input.largest, smallestUnit: 'millisecond' }),
      )
      const { years, months, weeks, days, hours, minutes, seconds, milliseconds } = difference
      return {
        iso: difference.toString(),
        ...{ years, months, weeks, days, hours, minutes, seconds, milliseconds },
        total: orInvalid('to', () => difference.total({ unit: input.unit, relativeTo: from })),
      }
    },
  }),
  ...(['start_of', 'end_of'] as const).map((name) =>
    defineHostFunction({
      name: `time.${name}`,
      description:
        name === 'start_of' ? 'The first moment of a unit in the zone.' : 'The last millisecond of a unit in the zone.',
      input: z.strictObject({ time: timeInput, unit, zone }),
      output: momentOutput,
      ...pure,
      run: ({ input }) => {
        const start = orInvalid('time', () => startOf(readTime(input.time, input.zone), input.unit))
        if (name === 'start_of') return describeMoment(start)
        const next = orInvalid('time', () => startOf(start.add({ [`${input.unit}s`]: 1 }), input.unit))
        return describeMoment(next.subtract({ milliseconds: 1 }))
      },
    }),
  ),
  defineHostFunction({
    name: 'time.zones',
    description: 'Names of the time zones (IANA), all or those that begin with a prefix.',
    input: z.strictObject({ prefix: z.string().max(64).default('') }).default({ prefix: '' }),
    output: z.object({ zones: z.array(z.string()) }),
    ...pure,
    run: ({ input: { prefix } }) => ({
      zones: ['UTC', ...Intl.supportedValuesOf('timeZone').filter((name) => name !== 'UTC')].filter((name) =>
        name.toLowerCase().startsWith(prefix.toLowerCase()),
      ),
    }),
  }),
]

const startOf = (time: Temporal.ZonedDateTime, of: (typeof units)[number]): Temporal.ZonedDateTime => {
  switch (of) {
    case 'year':
      return time.with({ month: 1, day: 1 }).startOfDay()
    case 'month':
      return time.with({ day: 1 }).startOfDay()
    case 'week':
      return time.subtract({ days: time.dayOfWeek - 1 }).startOfDay()
    case 'day':
      return time.startOfDay()
    default:
      return time.round({ smallestUnit: of, roundingMode: 'floor' })
  }
}
