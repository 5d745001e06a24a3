import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compileSchema } from './linear-patterns.ts'
import { formatIssues, validate } from './validate.ts'

const check = (schema: unknown, value: unknown) => validate(compileSchema(schema), value)
const fits = (schema: unknown, value: unknown) => check(schema, value).ok
const issues = (schema: unknown, value: unknown) => {
  const result = check(schema, value)
  return result.ok ? [] : result.issues.map(({ path, message }) => `${path}: ${message}`)
}

const table: [keyword: string, schema: unknown, good: unknown[], bad: unknown[]][] = [
  ['true', true, [1, null, {}], []],
  ['false', false, [], [1, null, {}]],
  ['type', { type: 'integer' }, [1, 1.0, -3], [1.5, '1', null, true, Number.NaN]],
  ['types', { type: ['string', 'null'] }, ['a', null], [1, [], {}]],
  ['object', { type: 'object' }, [{}], [[], null, 'x']],
  ['enum', { enum: [1, 'a', null, { a: [1] }] }, [1, 'a', null, { a: [1] }], ['1', { a: ['1'] }, [], { a: [1], b: 1 }]],
  ['const', { const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }, 1]],
  ['const null', { const: null }, [null], [0, '', false]],
  ['numbers', { minimum: 1, exclusiveMaximum: 3 }, [1, 2.9, 'x'], [0.9, 3]],
  ['numbers, exclusive', { exclusiveMinimum: 1, maximum: 3 }, [1.1, 3], [1, 3.1]],
  ['multipleOf', { multipleOf: 0.1 }, [0.3, 1.1, 7], [0.35]],
  ['multipleOf, whole', { multipleOf: 3 }, [9, -3, 0], [10]],
  ['length', { minLength: 2, maxLength: 3 }, ['ab', 'abc', '😀😀', '😀😀😀', 5], ['a', 'abcd', '😀', '😀😀😀😀']],
  ['pattern', { pattern: '^[a-z]+$' }, ['abc', 7], ['aB', '', 'a\nb']],
  ['pattern, unanchored', { pattern: 'b\\d' }, ['ab1c'], ['b']],
  ['properties', { properties: { a: { type: 'string' } } }, [{}, { a: 'x' }, { b: 1 }, 7], [{ a: 1 }]],
  ['required', { required: ['a'] }, [{ a: null }, []], [{}, { a: undefined }]],
  [
    'additionalProperties',
    { properties: { a: true }, patternProperties: { '^x-': true }, additionalProperties: false },
    [{ a: 1, 'x-b': 2 }],
    [{ b: 1 }],
  ],
  ['additionalProperties, schema', { additionalProperties: { type: 'number' } }, [{ a: 1 }], [{ a: 'x' }]],
  ['patternProperties', { patternProperties: { '^n': { type: 'number' } } }, [{ n1: 1, m: 'x' }], [{ n1: 'x' }]],
  ['propertyNames', { propertyNames: { maxLength: 2 } }, [{ ab: 1 }], [{ abc: 1 }]],
  ['property counts', { minProperties: 1, maxProperties: 2 }, [{ a: 1 }], [{}, { a: 1, b: 2, c: 3 }]],
  ['dependentRequired', { dependentRequired: { a: ['b'] } }, [{}, { a: 1, b: 2 }, { b: 1 }], [{ a: 1 }]],
  ['dependentSchemas', { dependentSchemas: { a: { required: ['b'] } } }, [{ a: 1, b: 2 }], [{ a: 1 }]],
  ['items', { items: { type: 'number' } }, [[], [1, 2], 'x'], [[1, 'x']]],
  [
    'prefixItems',
    { prefixItems: [{ type: 'string' }], items: { type: 'number' } },
    [['a', 1], ['a'], []],
    [[1], ['a', 'b']],
  ],
  [
    'contains',
    { contains: { const: 1 }, minContains: 2, maxContains: 3 },
    [
      [1, 1],
      [1, 1, 1, 2],
    ],
    [[1], [1, 1, 1, 1]],
  ],
  ['contains, zero', { contains: { const: 1 }, minContains: 0 }, [[], [2]], []],
  [
    'uniqueItems',
    { uniqueItems: true },
    [
      [1, '1', true, null, {}, []],
      [{ a: 1 }, { a: 2 }],
    ],
    [
      [1, 1],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  ['item counts', { minItems: 1, maxItems: 2 }, [[1]], [[], [1, 2, 3]]],
  ['allOf', { allOf: [{ minimum: 1 }, { maximum: 2 }] }, [1, 2], [0, 3]],
  ['anyOf', { anyOf: [{ type: 'string' }, { minimum: 5 }] }, ['x', 5], [4]],
  ['oneOf', { oneOf: [{ multipleOf: 2 }, { multipleOf: 3 }] }, [2, 3], [6, 5]],
  ['not', { not: { type: 'string' } }, [1], ['x']],
  ['if', { if: { minimum: 10 }, then: { multipleOf: 2 }, else: { maximum: 5 } }, [12, 3], [11, 7]],
  ['if alone', { if: { minimum: 10 } }, [1, 12], []],
  ['$ref', { $ref: '#/$defs/a~1b', $defs: { 'a/b': { type: 'string' } } }, ['x'], [1]],
  ['$anchor', { $ref: '#here', $defs: { x: { $anchor: 'here', type: 'string' } } }, ['x'], [1]],
  [
    '$ref to itself',
    { properties: { next: { $ref: '#' } }, required: ['v'] },
    [{ v: 1, next: { v: 2 } }],
    [{ v: 1, next: {} }],
  ],
  [
    'bytes',
    { type: 'string', contentEncoding: 'base64', maxLength: 4 },
    [new Uint8Array(3), 'AAAA'],
    [new Uint8Array(4), '???', 1],
  ],
  ['bytes, not expected', { type: 'string' }, ['x'], [new Uint8Array(1)]],
  [
    'annotations',
    { format: 'email', title: 'x', 'x-mine': 1, $schema: 'https://json-schema.org/x', $comment: '' },
    ['no address'],
    [],
  ],
  [
    'not JSON',
    { type: ['object', 'array', 'string', 'number', 'boolean', 'null'] },
    [1],
    [1n, () => 1, undefined, Number.NaN],
  ],
]

test.each(table)('%s', (_keyword, schema, good, bad) => {
  for (const value of good) expect(check(schema, value)).toEqual({ ok: true })
  for (const value of bad) expect(fits(schema, value)).toBe(false)
})

test('issues name the field path and what is expected, all at once', () => {
  const schema = {
    type: 'object',
    required: ['id'],
    properties: {
      items: { items: { required: ['name'], properties: { name: { type: 'string' }, 'a b': { minimum: 1 } } } },
    },
    additionalProperties: false,
  }
  const value = { items: [{ name: 'x' }, { name: 1 }, { 'a b': 0 }], 'evil\u001b[31m': 1 }
  expect(issues(schema, value)).toEqual([
    'items[1].name: must be a string',
    'items[2]["a b"]: must be at least 1',
    'items[2].name: is required',
    '["evil\\u001b[31m"]: is not expected here',
    'id: is required',
  ])
  expect(formatIssues([{ path: '', message: 'must be a number' }])).toBe('the value must be a number')
})

test('alternatives that fail leave no issues of their own', () => {
  expect(issues({ anyOf: [{ required: ['a'] }, { required: ['b'] }] }, {})).toEqual([
    ': fits none of the 2 alternatives',
  ])
  expect(issues({ not: { required: ['a'] } }, {})).toEqual([])
})

test('keys of Object.prototype are keys like any other', () => {
  const own = JSON.parse('{"__proto__": "x"}') as unknown
  expect(issues({ required: ['__proto__', 'toString'] }, {})).toEqual([
    '__proto__: is required',
    'toString: is required',
  ])
  const schema = JSON.parse('{"properties":{"__proto__":{"type":"number"}},"additionalProperties":false}') as unknown
  expect(issues(schema, own)).toEqual(['__proto__: must be a number'])
  expect(fits({ properties: { constructor: { type: 'number' } } }, {})).toBe(true)
  expect(fits({ additionalProperties: false }, own)).toBe(false)
})

test('a schema that changes after it was checked changes nothing', () => {
  const schema: { type: string } = { type: 'string' }
  const compiled = compileSchema(schema)
  schema.type = 'number'
  expect(validate(compiled, 1).ok).toBe(false)
  expect(Object.isFrozen(compiled.source)).toBe(true)
})

const json = fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>

test('const fits exactly what is equal as JSON', () => {
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.entries(value)
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([key, member]) => [`k${key}`, sorted(member)])
            .concat([['o', 0]])
        : value
  const equal = (a: unknown, b: unknown) => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
  fc.assert(
    fc.property(json, json, (a, b) => {
      expect(fits({ const: a }, structuredClone(a))).toBe(true)
      expect(fits({ const: a }, b)).toBe(equal(a, b))
      expect(fits({ uniqueItems: true }, [a, b])).toBe(!equal(a, b))
      expect(fits({ enum: [b, a] }, a)).toBe(true)
    }),
  )
})

const simple: fc.Arbitrary<object> = fc.oneof(
  fc.record({ type: fc.constantFrom('string', 'number', 'integer', 'object', 'array', 'boolean', 'null') }),
  fc.record({ minimum: fc.integer({ min: -5, max: 5 }) }),
  fc.record({ maxLength: fc.nat(4) }),
  fc.record({ maxItems: fc.nat(3) }),
  fc.record({ required: fc.array(fc.constantFrom('a', 'b'), { maxLength: 2 }) }),
)

test('the combining keywords obey logic', () => {
  fc.assert(
    fc.property(simple, simple, json, (a, b, value) => {
      const [inA, inB] = [fits(a, value), fits(b, value)]
      expect(fits({ allOf: [a, b] }, value)).toBe(inA && inB)
      expect(fits({ anyOf: [a, b] }, value)).toBe(inA || inB)
      expect(fits({ oneOf: [a, b] }, value)).toBe(inA !== inB)
      expect(fits({ not: a }, value)).toBe(!inA)
      expect(fits({ if: a, then: b, else: { not: b } }, value)).toBe(inA === inB)
      expect(fits({ $ref: '#/$defs/a', $defs: { a } }, value)).toBe(inA)
      expect(fits({ items: a }, [value])).toBe(inA)
      expect(fits({ properties: { p: a } }, { p: value })).toBe(inA)
      expect(issues(a, value).length > 0).toBe(!inA)
    }),
  )
})
