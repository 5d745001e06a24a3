// A plugin brings a JSON Schema that is made to freeze, crash or fool whoever validates with it. Each ends at once in a
// refusal or in the budget; none runs away. (The tests hold no clock against it: what runs away runs into the time limit
// of the test run.)

import { compileSchema, compileSchemaWith, validate } from '@bulkhead/kernel'
import { describe, expect, test } from 'vitest'

const invalid = (message?: string) =>
  expect.objectContaining({
    code: 'schema.invalid',
    ...(message === undefined ? {} : { message: expect.stringContaining(message) }),
  })
const budget = expect.objectContaining({ code: 'schema.budget' })
const nested = (depth: number, wrap: (inner: unknown) => unknown, core: unknown = {}) => {
  let schema = core
  for (let level = 0; level < depth; level++) schema = wrap(schema)
  return schema
}

describe('patterns', () => {
  test.each(['^(a+)+$', '(x+x+)+y', '^(a|a)*$', '^(a|aa)+$', '(.*)*=.*'])('%s is matched in linear time', (pattern) => {
    const schema = compileSchema({ pattern })
    expect(validate(schema, `${'a'.repeat(5000)}!\n`, { maxSteps: 1_000_000 }).ok).toBe(false)
  })
  test('long text against a pattern costs budget', () => {
    expect(() => validate(compileSchema({ pattern: '^(a+)+$' }), 'a'.repeat(20_000_000))).toThrow(budget)
  })
  test.each([
    '(((a{30}){30}){30}){30}',
    '(\\p{L}{900}){1}(\\p{L}{900}){1}(\\p{L}{900}){1}',
    '(?=a)',
    '(a)\\1',
    '(',
    'a'.repeat(600),
  ])('%s is refused', (pattern) => {
    expect(() => compileSchema({ pattern })).toThrow(invalid())
  })
  test('a pattern that would be long to compile is refused before it is compiled', () => {
    expect(() => compileSchema({ pattern: 'x{1000}'.repeat(70) })).toThrow(invalid('repetitions'))
    expect(() => compileSchema({ pattern: `(${'ab'.repeat(200)}){1000}` })).toThrow(invalid('repetitions'))
  })
  test('a thousand patterns are refused, in whatever keyword they hide', () => {
    const many = (make: (n: number) => [string, unknown]) =>
      Object.fromEntries(Array.from({ length: 1000 }, (_, n) => make(n)))
    expect(() => compileSchema({ patternProperties: many((n) => [`^a${n}`, true]) })).toThrow(invalid('patterns'))
    expect(() => compileSchema({ properties: many((n) => [`p${n}`, { pattern: `a${n}` }]) })).toThrow(
      invalid('patterns'),
    )
  })
})

describe('references', () => {
  const bomb = (keyword: string) => ({
    $ref: '#/$defs/d0',
    $defs: Object.fromEntries(
      Array.from({ length: 60 }, (_, n) => {
        const next = { $ref: `#/$defs/d${n + 1}` }
        return [`d${n}`, n === 59 ? { type: 'string' } : { [keyword]: [next, next] }]
      }),
    ),
  })
  test.each(['allOf', 'anyOf', 'oneOf'])('2^59 applications by %s end in the budget', (keyword) => {
    const schema = compileSchema(bomb(keyword))
    expect(() => validate(schema, 1)).toThrow(budget)
  })
  test.each([
    [{ $ref: '#' }],
    [{ allOf: [{ $ref: '#' }] }],
    [{ anyOf: [true, { not: { if: { $ref: '#' } } }] }],
    [{ dependentSchemas: { a: { $ref: '#' } } }],
    [{ $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { oneOf: [{ $ref: '#/$defs/a' }] } } }],
  ])('a circle without progress is refused: %j', (schema) => {
    expect(() => compileSchema(schema)).toThrow(invalid('without end'))
  })
  test.each([
    'https://example.com/s',
    'file:///etc/passwd',
    '//x',
    'other.json#/a',
    '#/$defs/none',
    '#nowhere',
    '#/%E0%A4%A',
    '#/__proto__',
    '#/constructor',
    '#/$defs/length',
  ])('$ref %s is refused', ($ref) => {
    expect(() => compileSchema({ $ref, $defs: {} })).toThrow(invalid())
  })
  test('a value that is nested endlessly meets a cap, not the end of the stack', () => {
    const schema = compileSchema({ items: { $ref: '#' } })
    expect(() =>
      validate(
        schema,
        nested(50_000, (inner) => [inner], []),
      ),
    ).toThrow(budget)
    expect(() =>
      validate(
        compileSchema({ const: [1] }),
        nested(50_000, (inner) => [inner], []),
      ),
    ).toThrow(budget)
    const cyclic: unknown[] = []
    cyclic.push(cyclic)
    expect(() => validate(schema, cyclic)).toThrow(budget)
    expect(() => validate(compileSchema({ uniqueItems: true }), cyclic)).toThrow(budget)
  })
})

describe('size and depth', () => {
  test.each([
    ['not', (inner: unknown) => ({ not: inner })],
    ['properties', (inner: unknown) => ({ properties: { a: inner } })],
    ['default', (inner: unknown) => ({ default: inner })],
  ])('50,000 levels of %s are refused', (_keyword, wrap) => {
    expect(() => compileSchema(nested(50_000, wrap))).toThrow(invalid('levels'))
  })
  test('64 KiB is the most, wherever it is, counted in bytes', () => {
    expect(() => compileSchema({ description: 'x'.repeat(66_000) })).toThrow(invalid('64 KiB'))
    expect(() => compileSchema({ description: 'é'.repeat(33_000) })).toThrow(invalid('64 KiB'))
    expect(() => compileSchema({ enum: Array.from({ length: 30_000 }, (_, n) => n) })).toThrow(invalid('64 KiB'))
    expect(() => compileSchema({ ['k'.repeat(66_000)]: 1 })).toThrow(invalid('64 KiB'))
  })
  test('an object that is shared a million times counts a million times', () => {
    expect(() => compileSchema(nested(30, (inner) => ({ allOf: [inner, inner] })))).toThrow(invalid('64 KiB'))
  })
  test('a cyclic object is refused', () => {
    const cyclic: Record<string, unknown> = {}
    cyclic['not'] = cyclic
    expect(() => compileSchema(cyclic)).toThrow(invalid())
  })
})

describe('values', () => {
  test('uniqueItems on a large list of equal-looking items is linear and costs budget', () => {
    const schema = compileSchema({ uniqueItems: true })
    expect(() =>
      validate(
        schema,
        Array.from({ length: 200_000 }, (_, n) => ({ n })),
      ),
    ).toThrow(budget)
  })
  test('a huge enum costs one look-up', () => {
    const schema = compileSchema({ items: { enum: Array.from({ length: 9000 }, (_, n) => n) } })
    expect(
      validate(
        schema,
        Array.from({ length: 1000 }, () => 8999),
      ),
    ).toEqual({ ok: true })
  })
  test.each([
    ['minProperties', { minProperties: 1 }],
    ['maxProperties', { maxProperties: 1e9 }],
    ['patternProperties', { patternProperties: {} }],
  ])('%s pays for every field, each time that it counts them', (_, one) => {
    const fields = Object.fromEntries(Array.from({ length: 10_000 }, (_unused, index) => [`f${index}`, 1]))
    const schema = compileSchema({ allOf: Array.from({ length: 100 }, () => one) })
    expect(() => validate(schema, fields, { maxSteps: 500_000 })).toThrow(/steps/)
    expect(validate(schema, { f: 1 }, { maxSteps: 500_000 })).toEqual({ ok: true })
  })
  test('many faults give few issues', () => {
    const result = validate(
      compileSchema({ items: { type: 'string' } }),
      Array.from({ length: 10_000 }, () => 1),
    )
    expect(result.ok ? 0 : result.issues.length).toBeLessThanOrEqual(50)
  })
})

describe('what a schema is', () => {
  test.each([
    [null],
    ['x'],
    [[]],
    [undefined],
    [{ type: 'text' }],
    [{ type: [] }],
    [{ properties: [] }],
    [{ properties: { a: 1 } }],
    [{ required: 'a' }],
    [{ required: [1] }],
    [{ minLength: -1 }],
    [{ minLength: 1.5 }],
    [{ maximum: '1' }],
    [{ multipleOf: 0 }],
    [{ anyOf: [] }],
    [{ items: [{}] }],
    [{ enum: 'a' }],
    [{ uniqueItems: 1 }],
    [{ $ref: 1 }],
    [{ minimum: Number.NaN }],
    [{ const: 1n }],
    [{ const: () => 1 }],
    [{ default: new Date(0) }],
    [{ $dynamicRef: '#a' }],
    [{ unevaluatedProperties: false }],
    [{ unevaluatedItems: false }],
    [{ properties: { a: { $id: 'https://example.com/a' } } }],
  ])('no schema, number %#, is refused', (schema) => {
    expect(() => compileSchema(schema)).toThrow(invalid())
  })
  test('a getter is asked once, and a prototype never', () => {
    let asked = 0
    const schema = {
      get type() {
        asked++
        return asked === 1 ? 'string' : 'number'
      },
    }
    expect(validate(compileSchema(schema), 'x')).toEqual({ ok: true })
    expect(asked).toBe(1)
    expect(() => compileSchema(Object.create({ type: 'string' }) as unknown)).toThrow(invalid('not JSON'))
  })
  test('names in a schema are never code', () => {
    const patterns = () => ({ size: 1, test: () => true })
    const schema = compileSchemaWith({ properties: { 'a"]);throw 1;//': { type: 'string', pattern: 'x' } } }, patterns)
    expect(validate(schema, { 'a"]);throw 1;//': 'x' })).toEqual({ ok: true })
  })
})
