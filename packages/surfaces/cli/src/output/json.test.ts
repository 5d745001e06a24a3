import { assert, constantFrom, jsonValue, property } from 'fast-check'
import { expect, test } from 'vitest'
import { jsonText } from './json.ts'

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
