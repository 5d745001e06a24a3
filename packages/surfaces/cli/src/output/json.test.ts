import { assert, constantFrom, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { jsonText, printedJson } from './json.ts'

test('what is printed parses back to the same value, and holds nothing that steers a terminal', () => {
  assert(
    property(jsonValue({ stringUnit: 'binary' }), constantFrom(0, 2), (value, indent) => {
      const text = jsonText(value, indent)
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)))
      expect(text).not.toMatch(/[^\P{C}\n]|[\u2028\u2029]/u)
    }),
  )
})

test('bytes become base64 at any depth, Buffers as well', () => {
  expect(jsonText({ a: [new Uint8Array([1, 2])], b: Buffer.from('hi') })).toBe('{"a":["AQI="],"b":"aGk="}')
})

test('an own __proto__ member is kept as data', () => {
  expect(jsonText(JSON.parse('{"__proto__":{"x":1}}'))).toBe('{"__proto__":{"x":1}}')
})

test('a printed list of plain values is on one line where that fits', () => {
  const printed = printedJson({ a: [1, 'x [', null, true], b: [], c: [[1, 2], [{ d: [3] }]], e: ['y'.repeat(99)] })
  expect(printed.split('\n')).toEqual([
    '{',
    '  "a": [1, "x [", null, true],',
    '  "b": [],',
    '  "c": [',
    '    [1, 2],',
    '    [',
    '      {',
    '        "d": [3]',
    '      }',
    '    ]',
    '  ],',
    '  "e": [',
    `    "${'y'.repeat(99)}"`,
    '  ]',
    '}',
  ])
  expect(printedJson([1, 2])).toBe('[1, 2]')
  expect(printedJson(['z'.repeat(96)])).toBe(`["${'z'.repeat(96)}"]`)
  expect(printedJson(['z'.repeat(97)])).toContain('\n')
})

test('what is printed parses back to the same value', () => {
  assert(
    property(jsonValue({ stringUnit: 'binary' }), (value) => {
      expect(JSON.parse(printedJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})
