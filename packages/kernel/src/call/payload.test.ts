import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decodeBase64, encodeBase64 } from '../text/base64.ts'
import { packPayload, unpackPayload } from './payload.ts'

test('any JSON value comes back as it went', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      expect(unpackPayload(packPayload(value), 'it')).toEqual(JSON.parse(JSON.stringify(value)))
    }),
  )
})

test('byte strings travel beside the text, Buffers as well', () => {
  const value = { a: new Uint8Array([1, 2]), list: [Buffer.from('x')], text: 'plain' }
  const payload = packPayload(value)
  expect(payload.blobs).toHaveLength(2)
  expect(unpackPayload(payload, 'it')).toEqual({ a: value.a, list: [value.list[0]], text: 'plain' })
})

test('a marker without byte strings is ordinary data; one that points nowhere is refused', () => {
  expect(unpackPayload({ json: '{"$blob":0}' }, 'it')).toEqual({ $blob: 0 })
  expect(() => unpackPayload({ json: '{"$blob":7}', blobs: [new Uint8Array()] }, 'it')).toThrowError(/byte string 7/)
})

test('depth and length are checked before anything is parsed', () => {
  expect(() => unpackPayload({ json: '['.repeat(50_000) }, 'it')).toThrowError(
    expect.objectContaining({ code: 'input.too-deep' }),
  )
  expect(() => unpackPayload({ json: '"xxxxxxxxxx"' }, 'it', { maxLength: 5, maxDepth: 5 })).toThrowError(
    expect.objectContaining({ code: 'input.too-large' }),
  )
})

test('__proto__ members stay data', () => {
  const value = unpackPayload({ json: '{"__proto__":{"polluted":true}}', blobs: [new Uint8Array()] }, 'it') as object
  expect(Object.getPrototypeOf(value)).toBe(Object.prototype)
  expect(Object.keys(value)).toEqual(['__proto__'])
})

test('base64 is that of RFC 4648', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (data) => {
      expect(encodeBase64(data)).toBe(Buffer.from(data).toString('base64'))
      expect(decodeBase64(encodeBase64(data))).toEqual(data)
    }),
  )
})
