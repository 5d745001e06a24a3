// What a guest says of its failure may be forged: no word of it names a file that is not the plugin's, and none of it is long.

import { expect, test } from 'vitest'
import { errorOfFailure, errorOfLoad } from './failure.ts'

const table = JSON.stringify([
  { area: 'notes', name: 'read' },
  { area: 'notes', name: 'read_blob' },
])
const program = {
  sources: new Map([['main.lua', new TextEncoder().encode('one\ntwo = = 2\nthree')]]),
  names: { language: 'lua', table, functions: ['orders.find'] } as const,
}
const failureOf = (facts: object) => errorOfFailure(JSON.stringify({ message: 'it failed', ...facts }), program)

test('a place in another file is not told as the place of the failure', () => {
  const { message, details } = failureOf({ file: '/other/plugin.lua', line: 1, column: 1 })
  expect(message).toBe('it failed')
  expect(details).toEqual({ name: 'Error' })
})

test('a failure in our library is told where the plugin called it', () => {
  const stack = [
    { function: 'read', file: 'bulkhead/text.rn', line: 7, column: 3 },
    { function: 'run', file: 'main.lua', line: 3, column: 1 },
  ]
  expect(failureOf({ ...stack[0], stack })).toMatchObject({
    message: 'it failed (main.lua:3:1)',
    details: { file: 'main.lua', line: 3, column: 1, frame: '3 | three\n  | ^' },
  })
})

test('the stack and the names in it are bounded', () => {
  const stack = Array.from({ length: 100 }, () => ({ function: 'f'.repeat(500), file: 'main.lua', line: 1 }))
  const { details } = failureOf({ stack })
  expect(details?.['stack']).toHaveLength(30)
  expect(JSON.stringify(details).length).toBeLessThan(30 * 800)
})

test.each([
  [['notes', 'raed'], 'host.notes has no `raed`; did you mean `read`?'],
  [['nots', 'read'], 'it failed'],
  [['', 'nots'], 'host has no `nots`; did you mean `notes`?'],
  [['orders', 'fnd'], 'host.orders has no `fnd`; did you mean `find`?'],
  [['notes', 'unheard_of'], 'host.notes has no `unheard_of`'],
  [['notes', 'read'], 'it failed'],
  [['notes', 'x\u001b[31m'], 'it failed'],
  [['notes', 'x'.repeat(65)], 'it failed'],
  ['notes', 'it failed'],
])('what it missed, %j, is told as: %s', (missed, message) => {
  expect(failureOf({ missed }).message).toBe(message)
})

test.each([
  ["unexpected symbol near '='", undefined],
  ["unexpected symbol near '2'", 9],
  ["unexpected symbol near 'two'", 1],
  ["unexpected symbol near 'tw'", undefined],
  ["unexpected symbol near 'none'", undefined],
  ['unexpected symbol near <eof>', undefined],
])('the column of a fault of syntax: %s', (message, column) => {
  const failure = { kind: 'syntax', message, file: 'main.lua', line: 2, column: 0 }
  expect(errorOfLoad(JSON.stringify(failure), program).details?.['column']).toBe(column)
})
