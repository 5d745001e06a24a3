// Times by a pattern of letters, a part of those of Unicode LDML: the same text in every language and on every host, so that names
// of months and days are English.

import { temporal } from './temporal.ts'

const months = 'January February March April May June July August September October November December'.split(' ')
const days = 'Monday Tuesday Wednesday Thursday Friday Saturday Sunday'.split(' ')

/** What a pattern is made of: letters that stand for a field, or text. */
type Part = { readonly letters: string } | { readonly text: string }

const padded = (value: number, width: number): string => {
  const digits = String(Math.abs(value)).padStart(width, '0')
  return value < 0 ? `-${digits}` : digits
}

const writers: Readonly<Record<string, (time: Temporal.ZonedDateTime) => string>> = {
  yyyy: ({ year }) => padded(year, 4),
  yy: ({ year }) => padded(Math.abs(year) % 100, 2),
  MMMM: ({ month }) => months[month - 1] ?? '',
  MMM: ({ month }) => (months[month - 1] ?? '').slice(0, 3),
  MM: ({ month }) => padded(month, 2),
  M: ({ month }) => String(month),
  dd: ({ day }) => padded(day, 2),
  d: ({ day }) => String(day),
  DDD: ({ dayOfYear }) => padded(dayOfYear, 3),
  EEEE: ({ dayOfWeek }) => days[dayOfWeek - 1] ?? '',
  EEE: ({ dayOfWeek }) => (days[dayOfWeek - 1] ?? '').slice(0, 3),
  e: ({ dayOfWeek }) => String(dayOfWeek),
  ww: ({ weekOfYear = 0 }) => padded(weekOfYear, 2),
  YYYY: ({ yearOfWeek = 0 }) => padded(yearOfWeek, 4),
  HH: ({ hour }) => padded(hour, 2),
  H: ({ hour }) => String(hour),
  hh: ({ hour }) => padded(hour % 12 || 12, 2),
  h: ({ hour }) => String(hour % 12 || 12),
  a: ({ hour }) => (hour < 12 ? 'AM' : 'PM'),
  mm: ({ minute }) => padded(minute, 2),
  m: ({ minute }) => String(minute),
  ss: ({ second }) => padded(second, 2),
  s: ({ second }) => String(second),
  SSS: ({ millisecond }) => padded(millisecond, 3),
  xxx: ({ offset }) => offset,
  VV: ({ timeZoneId }) => timeZoneId,
}

/** Fields of a time that were read. */
type Fields = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond', number> & {
  half?: number
  offset?: string
}

/** What letters accept, and what it means. */
const readers: Readonly<Record<string, readonly [RegExp, (fields: Fields, text: string) => void]>> = {
  yyyy: [/[+-]?\d{4}/y, (fields, text) => void (fields.year = Number(text))],
  MMMM: [/[A-Za-z]{3,9}/y, (fields, text) => void (fields.month = nameIndex(months, text, 0))],
  MMM: [/[A-Za-z]{3}/y, (fields, text) => void (fields.month = nameIndex(months, text, 3))],
  MM: [/\d{2}/y, (fields, text) => void (fields.month = Number(text))],
  M: [/\d{1,2}/y, (fields, text) => void (fields.month = Number(text))],
  dd: [/\d{2}/y, (fields, text) => void (fields.day = Number(text))],
  d: [/\d{1,2}/y, (fields, text) => void (fields.day = Number(text))],
  EEEE: [/[A-Za-z]{6,9}/y, (_fields, text) => void nameIndex(days, text, 0)],
  EEE: [/[A-Za-z]{3}/y, (_fields, text) => void nameIndex(days, text, 3)],
  HH: [/\d{2}/y, (fields, text) => void (fields.hour = Number(text))],
  H: [/\d{1,2}/y, (fields, text) => void (fields.hour = Number(text))],
  hh: [/\d{2}/y, (fields, text) => void (fields.hour = Number(text) % 12)],
  h: [/\d{1,2}/y, (fields, text) => void (fields.hour = Number(text) % 12)],
  a: [/[AaPp][Mm]/y, (fields, text) => void (fields.half = /p/i.test(text) ? 12 : 0)],
  mm: [/\d{2}/y, (fields, text) => void (fields.minute = Number(text))],
  m: [/\d{1,2}/y, (fields, text) => void (fields.minute = Number(text))],
  ss: [/\d{2}/y, (fields, text) => void (fields.second = Number(text))],
  s: [/\d{1,2}/y, (fields, text) => void (fields.second = Number(text))],
  SSS: [/\d{3}/y, (fields, text) => void (fields.millisecond = Number(text))],
  xxx: [/Z|[+-]\d{2}:?\d{2}/y, (fields, text) => void (fields.offset = text)],
}

/** Writes a time. @throws RangeError for letters that stand for nothing */
export const formatByPattern = (time: Temporal.ZonedDateTime, pattern: string): string =>
  partsOf(pattern)
    .map((part) => ('text' in part ? part.text : known(writers, part.letters)(time)))
    .join('')

/** Reads a time; what the pattern lacks is the first (month, day) or 0. @throws RangeError */
export const parseByPattern = (text: string, pattern: string, zone: string): Temporal.ZonedDateTime => {
  const fields: Fields = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, millisecond: 0 }
  let at = 0
  for (const part of partsOf(pattern)) {
    if ('text' in part) {
      if (!text.startsWith(part.text, at)) throw misfit(text, at, JSON.stringify(part.text))
      at += part.text.length
      continue
    }
    const [accepted, take] = known(readers, part.letters)
    accepted.lastIndex = at
    const found = accepted.exec(text)
    if (found === null) throw misfit(text, at, part.letters)
    take(fields, found[0])
    at += found[0].length
  }
  if (at < text.length) throw misfit(text, at, 'the end')
  const { half, offset, ...plain } = fields
  if (half !== undefined) plain.hour = (plain.hour % 12) + half
  const local = temporal.PlainDateTime.from(plain, { overflow: 'reject' })
  if (offset === undefined) return local.toZonedDateTime(zone)
  return temporal.Instant.from(`${local.toString()}${offset}`).toZonedDateTimeISO(zone)
}

const partsOf = (pattern: string): Part[] => {
  const parts: Part[] = []
  // A run of one letter, a quoted text ('' is one quotation mark), or anything else.
  const part = /([A-Za-z])\1*|'((?:[^']|'')*)'|[^A-Za-z']+/y
  while (part.lastIndex < pattern.length) {
    const start = part.lastIndex
    const found = part.exec(pattern)
    if (found === null) throw new RangeError(`a quotation mark is not closed in the pattern, at ${start}`)
    const [whole, letter, quoted] = found
    if (letter !== undefined) parts.push({ letters: whole })
    else parts.push({ text: quoted === undefined ? whole : quoted === '' ? "'" : quoted.replaceAll("''", "'") })
  }
  return parts
}

const known = <T>(table: Readonly<Record<string, T>>, letters: string): T => {
  const entry = Object.hasOwn(table, letters) ? table[letters] : undefined
  if (entry === undefined) {
    throw new RangeError(`"${letters.slice(0, 20)}" stands for nothing; known are ${Object.keys(table).join(', ')}`)
  }
  return entry
}

const nameIndex = (names: readonly string[], text: string, length: number): number => {
  const wanted = text.toLowerCase()
  const index = names.findIndex((name) => (length === 0 ? name : name.slice(0, length)).toLowerCase() === wanted)
  if (index < 0) throw new RangeError(`"${text}" is not a name of a month or a day`)
  return index + 1
}

const misfit = (text: string, at: number, wanted: string): RangeError =>
  new RangeError(`"${text}" does not fit at character ${at + 1}, where ${wanted} is expected`)
