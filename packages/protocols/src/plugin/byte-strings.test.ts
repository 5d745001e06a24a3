import type { WireValue } from '@bulkhead/kernel'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBytes, encodeBytes } from './byte-strings.ts'

const { value } = fc.letrec<{ value: WireValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom(null, true, false),
    fc.string(),
    fc.integer(),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Uint8Array.from(bytes)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(fc.oneof(fc.string(), fc.constantFrom('$bytes', '$$bytes', '$$$bytes', '__proto__')), tie('value')),
        {
          maxLength: 3,
        },
      )
      .map((entries) => Object.fromEntries(entries)),
  ),
}))

test('what is sent is what arrives, objects that look like byte strings included', () => {
  fc.assert(
    fc.property(value, (sent) => {
      const line = JSON.stringify(encodeBytes(sent))
      expect(decodeBytes(JSON.parse(line), 'output.invalid')).toEqual(sent)
    }),
    { numRuns: 2000 },
  )
})

test('a marker without base64 is refused', () => {
  for (const wrong of ['a', 'aa=', 'aaaa=', 'a b=', 'YQ=\n', '====', '=aaa', 'YQ==YQ==', 'a===', 7, null, {}]) {
    expect(() => decodeBytes({ $bytes: wrong }, 'output.invalid')).toThrow('not base64')
  }
  expect(decodeBytes({ $bytes: 'YQ==' }, 'output.invalid')).toEqual(new Uint8Array([97]))
  expect(decodeBytes({ $bytes: 'a', other: 1 }, 'output.invalid')).toEqual({ $bytes: 'a', other: 1 })
})

test('long byte strings pass, and long ones with a fault are refused', () => {
  const long = 'QUFB'.repeat(4 * 1024 * 1024)
  expect(decodeBytes({ $bytes: long }, 'input.invalid')).toHaveLength((long.length / 4) * 3)
  expect(() => decodeBytes({ $bytes: `${long}QU!B` }, 'input.invalid')).toThrow('not base64')
})
