import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { headersAfterRedirect, parseRequestHeaders, responseHeaders } from './headers.ts'

const truth = { host: 'api.example.com', bodyLength: 3 }

test('what the host would write anyway may be given and is left out', () => {
  const headers = parseRequestHeaders({ Host: 'API.example.com', 'Content-Length': '3', 'X-A': ' b ' }, truth)
  expect([...headers]).toEqual([['x-a', 'b']])
})

test('no accepted header can break out of its line', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (name, value) => {
      const lines: string[] = []
      try {
        lines.push(...[...parseRequestHeaders({ [name]: value }, truth)].flat())
      } catch {
        // Refused: what for is tested elsewhere.
      }
      expect(lines.filter((line) => /[\r\n\0]/.test(line))).toEqual([])
    }),
  )
})

test('another origin learns harmless headers only, whatever a key is called', () => {
  const headers = new Map([
    ['authorization', 's'],
    ['cookie', 's'],
    ['x-api-key', 's'],
    ['accept', 'text/plain'],
    ['content-type', 'text/plain'],
  ])
  expect([...headersAfterRedirect(headers, { sameOrigin: false, bodyDropped: false }).keys()]).toEqual([
    'accept',
    'content-type',
  ])
  expect([...headersAfterRedirect(headers, { sameOrigin: false, bodyDropped: true }).keys()]).toEqual(['accept'])
  expect(headersAfterRedirect(headers, { sameOrigin: true, bodyDropped: false }).size).toBe(5)
})

test('repeated response headers are joined without loss', () => {
  const headers = responseHeaders({ 'Set-Cookie': ['a=1, x', 'b=2'], Vary: ['a', 'b'], age: '1' }, new Set(['age']))
  expect({ ...headers }).toEqual({ 'set-cookie': 'a=1, x\nb=2', vary: 'a, b' })
})
