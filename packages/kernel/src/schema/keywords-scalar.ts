// Keywords for any type, for numbers and for strings (JSON Schema Validation 2020-12, sections 6.1 to 6.3).

import type { Json } from '../json.ts'
import type { Keyword, KeywordContext } from './node.ts'
import type { Check } from './run.ts'
import { ValidationRun } from './run.ts'
import { canonicalText, lengthWithin, typeOf } from './values.ts'

const typeNames = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']
const withArticle = (type: string) => (type === 'null' ? 'null' : /^[aio]/.test(type) ? `an ${type}` : `a ${type}`)

const typeKeyword: Keyword = (value, context) => {
  const types = Array.isArray(value) ? (value as readonly Json[]) : [value]
  if (types.length === 0 || !types.every((type) => typeof type === 'string' && typeNames.includes(type))) {
    context.refuse(`type must be one of ${typeNames.join(', ')}, or a list of these`)
  }
  const takesBytes = context.schema['contentEncoding'] === 'base64' && types.includes('string')
  const message = `must be ${types.map((type) => withArticle(String(type))).join(' or ')}`
  return (given, place, run) => {
    const type = typeOf(given)
    const fits =
      types.includes(type) ||
      (type === 'number' && Number.isInteger(given) && types.includes('integer')) ||
      (type === 'bytes' && takesBytes)
    return fits || run.fail(place, message)
  }
}

/** The set of canonical texts, so that a huge `enum` costs one look-up. */
const oneOfValues = (values: readonly Json[], message: string): Check => {
  const unlimited = new ValidationRun(Number.POSITIVE_INFINITY)
  const texts = new Set(values.map((value) => canonicalText(value, unlimited)))
  const scalarsOnly = values.every((value) => typeof value !== 'object' || value === null)
  return (given, place, run) => {
    const scalar = typeof given !== 'object' || given === null
    if (!scalar && scalarsOnly) return run.fail(place, message)
    return texts.has(canonicalText(given, run)) || run.fail(place, message)
  }
}

const shown = (values: readonly Json[]): string => {
  const texts = values.slice(0, 10).map((value) => JSON.stringify(value).slice(0, 60))
  return `${texts.join(', ')}${values.length > 10 ? ', …' : ''}`
}

const enumKeyword: Keyword = (value, context) => {
  if (!Array.isArray(value)) return context.refuse('enum must be a list')
  return oneOfValues(value as readonly Json[], `must be one of ${shown(value as readonly Json[])}`)
}

const constKeyword: Keyword = (value) => oneOfValues([value], `must be ${shown([value])}`)

const limit =
  (fits: (given: number, bound: number) => boolean, words: string): Keyword =>
  (value, context) => {
    if (typeof value !== 'number') return context.refuse('a bound of numbers must be a number')
    return (given, place, run) =>
      typeOf(given) !== 'number' || fits(given as number, value) || run.fail(place, `must be ${words} ${value}`)
  }

/** Decimal fractions have no exact form in binary, so a rounding error of the division is forgiven. */
const isMultiple = (given: number, of: number): boolean => {
  if (Number.isInteger(given) && Number.isInteger(of)) return given % of === 0
  const quotient = given / of
  return (
    Number.isFinite(quotient) && Math.abs(quotient - Math.round(quotient)) <= 1e-9 * Math.max(1, Math.abs(quotient))
  )
}

const multipleOf: Keyword = (value, context) => {
  if (typeof value !== 'number' || value <= 0) return context.refuse('multipleOf must be a number above zero')
  return limit(isMultiple, 'a multiple of')(value, context)
}

/** A bound of lengths and counts: a whole number from zero. */
export const countBound = (value: Json, context: KeywordContext): number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0
    ? value
    : context.refuse('a bound of lengths and counts must be a whole number from zero')

const isText = (given: unknown): boolean => typeof given === 'string' || given instanceof Uint8Array

const minLength: Keyword = (value, context) => {
  const least = countBound(value, context)
  return (given, place, run) =>
    !isText(given) ||
    lengthWithin(given, { least, most: Number.POSITIVE_INFINITY }, run) ||
    run.fail(place, `must have at least ${least} characters`)
}

const maxLength: Keyword = (value, context) => {
  const most = countBound(value, context)
  return (given, place, run) =>
    !isText(given) ||
    lengthWithin(given, { least: 0, most }, run) ||
    run.fail(place, `must have at most ${most} characters`)
}

const pattern: Keyword = (value, context) => {
  if (typeof value !== 'string') return context.refuse('pattern must be a string')
  const compiled = context.pattern(value)
  const message = `must match the pattern ${JSON.stringify(value.slice(0, 100))}`
  return (given, place, run) => {
    if (typeof given !== 'string') return !(given instanceof Uint8Array) || run.fail(place, message)
    run.spendMatching(given.length, compiled.size)
    return compiled.test(given) || run.fail(place, message)
  }
}

const contentEncoding: Keyword = (value) => {
  if (value !== 'base64') return undefined
  return (given, place, run) => {
    if (typeof given !== 'string') return true
    run.spendText(given.length)
    const fits = given.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(given)
    return fits || run.fail(place, 'must be base64')
  }
}

export const scalarKeywords: Readonly<Record<string, Keyword>> = {
  type: typeKeyword,
  enum: enumKeyword,
  const: constKeyword,
  minimum: limit((given, bound) => given >= bound, 'at least'),
  maximum: limit((given, bound) => given <= bound, 'at most'),
  exclusiveMinimum: limit((given, bound) => given > bound, 'above'),
  exclusiveMaximum: limit((given, bound) => given < bound, 'below'),
  multipleOf,
  minLength,
  maxLength,
  pattern,
  contentEncoding,
}
