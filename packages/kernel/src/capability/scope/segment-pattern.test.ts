import { expect, test } from 'vitest'
import { makeSegmentPattern, matchSegments } from './segment-pattern.ts'

const matches = (pattern: string, path: string, prefix = false): boolean =>
  matchSegments(makeSegmentPattern(pattern.split('/'), { prefix, source: pattern }), path.split('/'))

test('a star is one segment, never an empty one; the last one is everything beneath', () => {
  expect(matches('a/*/c', 'a/b/c')).toBe(true)
  expect(matches('a/*/c', 'a//c')).toBe(false)
  expect(matches('a/*/c', 'a/b/b/c')).toBe(false)
  expect(matches('a/*', 'a/b/c/d')).toBe(true)
  expect(matches('a/**', 'a/b/c/d')).toBe(true)
  expect(matches('a/*', 'a')).toBe(false)
  expect(matches('a/b*', 'a/bc')).toBe(true)
  expect(matches('a/b*', 'a/bc/d')).toBe(false)
})

test('without a star the path itself, and with prefix what is beneath it', () => {
  expect(matches('a/b', 'a/b')).toBe(true)
  expect(matches('a/b', 'a/b/c')).toBe(false)
  expect(matches('a/b', 'a/b/c', true)).toBe(true)
  expect(matches('a/b*', 'a/b/c', true)).toBe(false)
  expect(matches('a/b', 'a', true)).toBe(false)
})

test('stars of the first kind may refuse segments', () => {
  const pattern = makeSegmentPattern(['a', '*', 'c'], { prefix: false, source: 'a/*/c' })
  expect(matchSegments(pattern, ['a', 'x%2Fy', 'c'], (segment) => !segment.includes('%'))).toBe(false)
})
