// A moment: a point in time in a zone, and what of a calendar it is there. Texts are short, and reading one takes constant time.

import { BulkheadError } from '@bulkhead/kernel'
import { z } from 'zod'
import { temporal } from './temporal.ts'

const timeText = z.string().max(100)
/** A point in time: ISO 8601 text, milliseconds since 1970, or a moment as time.now gives it, of which `iso` and `zone` count. */
export const timeInput = z.union([
  timeText,
  z.number(),
  z.object({ iso: timeText, zone: z.string().max(64).optional() }),
])
/** See {@link timeInput}. */
export type TimeInput = z.infer<typeof timeInput>
/** An IANA time zone, `UTC`, or an offset, `+02:00`. */
export const zoneInput = z.string().min(1).max(64)

/** A moment as guests get it. */
export const momentOutput = z.object({
  iso: z.string().describe('RFC 3339 with the offset of the zone.'),
  epoch: z.number().describe('Milliseconds since 1970.'),
  zone: z.string(),
  offset: z.string(),
  year: z.int(),
  month: z.int(),
  day: z.int(),
  hour: z.int(),
  minute: z.int(),
  second: z.int(),
  millisecond: z.int(),
  weekday: z.int().describe('1 (Monday) to 7.'),
  week: z.int().describe('ISO week of the year.'),
  yearday: z.int().describe('Day of the year, from 1.'),
})
/** See {@link momentOutput}. */
export type Moment = z.infer<typeof momentOutput>

/** Describes a moment. */
export const describeMoment = (time: Temporal.ZonedDateTime): Moment => ({
  iso: time.toString({ timeZoneName: 'never', smallestUnit: 'millisecond' }),
  epoch: time.epochMilliseconds,
  zone: time.timeZoneId,
  offset: time.offset,
  year: time.year,
  month: time.month,
  day: time.day,
  hour: time.hour,
  minute: time.minute,
  second: time.second,
  millisecond: time.millisecond,
  weekday: time.dayOfWeek,
  week: time.weekOfYear ?? 0,
  yearday: time.dayOfYear,
})

/** Does what may be refused. @throws BulkheadError `input.invalid` */
export const orInvalid = <T>(field: string, run: () => T): T => {
  try {
    return run()
  } catch (thrown) {
    if (thrown instanceof RangeError || thrown instanceof TypeError) {
      throw new BulkheadError('input.invalid', `${field}: ${thrown.message.slice(0, 300)}`, { cause: thrown })
    }
    throw thrown
  }
}

/**
 * A point in time, in a zone: that of the text or the moment when it names one and none is asked for.
 * @throws BulkheadError `input.invalid`
 */
export const readTime = (given: TimeInput, zone: string | undefined, field = 'time'): Temporal.ZonedDateTime => {
  if (typeof given === 'string') return readText(given, zone, field)
  if (typeof given === 'object') return readText(given.iso, zone ?? given.zone, field)
  return orInvalid(field, () =>
    temporal.Instant.fromEpochMilliseconds(Math.trunc(given)).toZonedDateTimeISO(zone ?? 'UTC'),
  )
}

const readText = (given: string, zone: string | undefined, field: string): Temporal.ZonedDateTime => {
  const text = given.trim()
  return orInvalid(field, () => {
    const own = weekDate(text) ?? yearDay(text)
    if (own !== undefined) return own.toZonedDateTime(zone ?? 'UTC')
    if (text.includes('[')) {
      const time = temporal.ZonedDateTime.from(withoutCalendar(text), { disambiguation: 'compatible' })
      return zone === undefined ? time : time.withTimeZone(zone)
    }
    const offset = /T?\d{2}:?\d{2}.*?(Z|[+-]\d{2}(?::?\d{2})?)$/i.exec(text)?.[1]
    if (offset !== undefined && /\d[T ]\d/i.test(text)) {
      return temporal.Instant.from(text).toZonedDateTimeISO(zone ?? (offset.toUpperCase() === 'Z' ? 'UTC' : offset))
    }
    return temporal.PlainDateTime.from(withoutCalendar(text)).toZonedDateTime(zone ?? 'UTC')
  })
}

/** Only the ISO calendar is spoken here. */
const withoutCalendar = (text: string): string => {
  if (text.includes('u-ca=')) throw new RangeError('only the ISO calendar is known')
  return text
}

/** `2026-W49` or `2026-W49-2` (ISO 8601 week date). */
const weekDate = (text: string): Temporal.PlainDate | undefined => {
  const found = /^(\d{4})-?W(\d{2})(?:-?([1-7]))?$/.exec(text)
  if (found === null) return undefined
  const [, year, week, day = '1'] = found
  const fourth = temporal.PlainDate.from({ year: Number(year), month: 1, day: 4 })
  const date = fourth.add({ days: (Number(week) - 1) * 7 + Number(day) - fourth.dayOfWeek })
  if (date.weekOfYear !== Number(week)) throw new RangeError(`the year ${year} has no week ${week}`)
  return date
}

/** `2026-335` (ISO 8601 ordinal date). */
const yearDay = (text: string): Temporal.PlainDate | undefined => {
  const found = /^(\d{4})-(\d{3})$/.exec(text)
  if (found === null) return undefined
  const date = temporal.PlainDate.from({ year: Number(found[1]), month: 1, day: 1 }).add({ days: Number(found[2]) - 1 })
  if (date.year !== Number(found[1])) throw new RangeError(`the year ${found[1]} has no day ${found[2]}`)
  return date
}
