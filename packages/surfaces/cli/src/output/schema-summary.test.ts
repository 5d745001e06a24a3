import { expect, test } from 'vitest'
import { schemaSummary } from './schema-summary.ts'

test.each([
  [undefined, 'anything'],
  [true, 'anything'],
  [false, 'nothing'],
  [{ type: 'string' }, 'string'],
  [{ type: ['string', 'null'] }, 'string | null'],
  [{ type: ['array', 'object'], items: { type: 'integer' }, maxProperties: 0 }, '[integer]'],
  [{ type: ['object', 'null'], properties: { a: { type: ['string', 'null'] } } }, '{ a?: string } | null'],
  [{ enum: ['a', 1] }, '"a" | 1'],
  [{ type: 'array', items: { type: 'number' } }, '[number]'],
  [{ type: 'object', properties: { a: { type: 'string' }, b: {} }, required: ['a'] }, '{ a: string, b?: anything }'],
  [{ anyOf: [{ type: 'string' }, { const: null }] }, 'string | null'],
  [{ type: 'string', contentEncoding: 'base64' }, 'bytes'],
])('%j reads %s', (schema, text) => {
  expect(schemaSummary(schema)).toBe(text)
})

test('a hostile schema costs little and steers nothing', () => {
  let deep: Record<string, unknown> = {}
  for (let index = 0; index < 10_000; index++) deep = { type: 'array', items: deep }
  expect(schemaSummary(deep)).toBe('[[[[ … ]]]]')
  const wide = {
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: 5000 }, (_, n) => [`p\u001b${n}`, {}])),
  }
  expect(schemaSummary(wide)).not.toContain('\u001b')
  expect(schemaSummary(wide).length).toBeLessThan(400)
})
