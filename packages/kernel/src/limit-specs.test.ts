import fc from 'fast-check'
import { expect, test } from 'vitest'
import { errorTable } from './errors.ts'
import {
  isLimitName,
  isLimitValue,
  limitNames,
  type LimitSpec,
  limitSpecs,
  limitText,
  parseLimit,
} from './limit-specs.ts'
import { defaultLimits } from './limits.ts'

test('every limit stands in the table once', () => {
  const fields = limitNames.map((name) => limitSpecs[name].field)
  expect([...fields].sort()).toEqual(Object.keys(defaultLimits).sort())
  const ends = limitNames.map((name) => {
    const { code, refusal }: LimitSpec = limitSpecs[name]
    expect((code === undefined) === (refusal === undefined)).toBe(false)
    return code ?? refusal
  })
  expect(new Set(ends).size).toBe(ends.length)
})

const named = limitNames.flatMap((name) => {
  const { code }: LimitSpec = limitSpecs[name]
  return code === undefined ? [] : ([[name, code]] as const)
})

test.each(named)('the hint of the error that %s ends in says which limit to raise, and how', (name, code) => {
  const { field } = limitSpecs[name]
  const { hint } = errorTable[code]
  expect(hint).toContain(`policy.limits.${field}`)
  expect(hint).toContain(`limits.${name} of the manifest`)
  const example = new RegExp(`--limit ${name}=(\\S+)`).exec(hint)?.[1] ?? ''
  expect(parseLimit(name, example)).toBeGreaterThan(defaultLimits[field] ?? 0)
})

test('what is written is read back', () => {
  fc.assert(
    fc.property(fc.constantFrom(...limitNames), fc.integer({ min: 1, max: 2 ** 40 }), (name, value) => {
      expect(parseLimit(name, limitText(name, value))).toBe(value)
    }),
  )
  expect(limitText('fuel', undefined)).toBe('off')
  expect(limitText('memory', 1024 * 1024)).toBe('1MiB')
  expect(limitText('cpu', 90_000)).toBe('90s')
})

test.each([
  ['fuel', '1.5'],
  ['fuel', '0'],
  ['fuel', '1e9'],
  ['fuel', '99999999999999999999'],
  ['hostCalls', '10s'],
  ['memory', '0B'],
  ['memory', '10'],
  ['cpu', '0ms'],
  ['rate', '0'],
  ['rate', '-1'],
] as const)('%s cannot be %s', (name, text) => {
  expect(() => parseLimit(name, text)).toThrowError(expect.objectContaining({ code: 'usage.invalid' }))
})

test('no value that bounds nothing passes, and counts are whole', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, 0, -1, '5', null, undefined]) {
    expect(isLimitValue('memoryBytes', value)).toBe(false)
  }
  expect([isLimitValue('fuel', 1.5), isLimitValue('fuel', 2 ** 60), isLimitValue('ratePerSecond', 1.5)]).toEqual([
    false,
    false,
    true,
  ])
  expect(['__proto__', 'constructor', 'memoryBytes'].some(isLimitName)).toBe(false)
})
