// Places in the author's files, found in maps that are read within bounds.

import { expect, test } from 'vitest'
import { makePositions } from './positions.ts'

const stack = '    at run (bulkhead:plugin:1:5)\n'

const positionsOf = (places: number, sources: string) => {
  const mappings = `AAAA${',CAAC'.repeat(places)}`
  const map = { version: 3, sources: ['plugin:a.ts'], sourcesContent: [sources], names: [], mappings }
  return makePositions({ entry: 'a.ts', code: new Uint8Array(), map: JSON.stringify(map) })
}

test('a place is found in the author’s file', () => {
  const positions = positionsOf(100_000, 'export const run = 1')
  expect(positions.readStack(stack).at).toEqual({ file: 'a.ts', line: 1, column: 5 })
  expect(positions.frame({ file: 'a.ts', line: 1, column: 5 })).toContain('export const run')
})

test.each([
  ['places', 110_000, ''],
  ['text', 10, 'x'.repeat(8 * 1024 * 1024)],
])('a map with too much %s is not read', (_what, places, sources) => {
  const positions = positionsOf(places, sources)
  expect(positions.readStack(stack)).toEqual({ stack: [], at: undefined })
  expect(positions.frame({ file: 'a.ts', line: 1, column: 5 })).toBeUndefined()
})
