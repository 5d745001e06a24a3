// A header value of spaces and one letter: trimming it with a pattern that starts over at each space takes quadratic
// time, 100,000 spaces some seconds of the host's only thread.

import { expect, test } from 'vitest'
import { parseRequestHeaders } from '../../packages/services/http/src/headers.ts'

const truth = { host: 'example.com', bodyLength: 0 }

test('a value beyond the cap is refused before it is trimmed', () => {
  // With 30 million spaces the quadratic way would take days: this ends, or the test runner ends it.
  expect(() => parseRequestHeaders({ a: `x${' '.repeat(30_000_000)}x` }, truth)).toThrow(/longer than/)
})

test('values within the cap are trimmed at both ends', () => {
  const padding = ' \t'.repeat(5000)
  expect(parseRequestHeaders({ a: `${padding}x${padding}y${padding}` }, truth).get('a')).toBe(`x${padding}y`)
  expect(parseRequestHeaders({ a: padding }, truth).get('a')).toBe('')
})
