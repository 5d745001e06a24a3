import { expect, test } from 'vitest'
import { estimatePatternSize } from './pattern-size.ts'

test.each([
  ['', 0],
  ['abc', 3],
  ['a{30}', 30],
  ['a{2,5}b', 6],
  ['a{3,}', 3],
  ['(ab){10}', 30],
  ['((a{30}){30}){30}', 27_930],
  ['[a-z{9}]{4}', 4],
  ['[]a]{2}', 2],
  ['\\{9}', 3],
  ['\\p{Lu}{3}', 3],
  ['(((', 0],
  [')))', 3],
  ['a{x}', 4],
])('%s is about %i long', (source, size) => {
  expect(estimatePatternSize(source)).toBe(size)
})
