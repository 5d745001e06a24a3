// Patterns that explode, programs that are huge, searches that never end: none holds the host or another plugin.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ComputingDoors, openComputingDoors } from '../support/computing-door.ts'

let doors: ComputingDoors
beforeAll(() => {
  doors = openComputingDoors()
})
afterAll(() => doors[Symbol.asyncDispose]())

/** Each of these takes a backtracking engine longer than there is time. */
const explosive = [
  '(a+)+$',
  '(a|aa)+$',
  '^(a|a)*$',
  '(.*)(.*)(.*)(.*)(.*)(.*)[0-9]',
  '(?:(?:(?:a?){20}){20})b',
  '([a-z]+)*!',
]

test.each(explosive)('%s on a long text is answered', async (pattern) => {
  const text = `${'a'.repeat(20_000)} `
  expect(await doors.door().call('regex.test', { pattern, text })).toEqual({ matches: false })
})

test.each([
  ['backreferences', '(a)\\1'],
  ['look-ahead', '(?=a)'],
  ['look-behind', '(?<!a)b'],
  ['repetitions of repetitions', '((((a{30}){30}){30}){30})'],
  ['a program that is too large', '(a{1000}b{1000}){1}|c{1000}'],
  ['groups without end', '('.repeat(1500)],
  ['classes without end', '['.repeat(1500)],
  ['a pattern that is too long', 'a'.repeat(2001)],
])('%s are refused', async (_what, pattern) => {
  const error = await doors.door().refused('regex.test', { pattern, text: 'a' })
  expect(['input.invalid', 'input.too-deep']).toContain(error.code)
})

test('a search that is quadratic ends at the time of its host call; the host and others go on', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 5)
  try {
    const hostile = doors.door({ principal: 'file:/h#h', hostCallMs: 1500 })
    const input = { pattern: 'a*?b|a', text: 'a'.repeat(1_000_000) }
    const ended = hostile.refused('regex.find_all', input)
    const other = doors.door({ principal: 'file:/o#o' })
    const before = turns
    for (let round = 0; round < 3; round++) {
      expect(await other.call('regex.test', { pattern: 'b', text: 'abc' })).toEqual({ matches: true })
    }
    expect(await ended).toMatchObject({ code: 'limit.host-call-time' })
    expect(turns - before).toBeGreaterThan(20)
    expect(await hostile.call('regex.test', { pattern: 'b', text: 'abc' })).toEqual({ matches: true })
  } finally {
    clearInterval(timer)
  }
})

test('what grows is stopped while it grows', async () => {
  const door = doors.door()
  const text = 'a'.repeat(100_000)
  expect(await door.refused('regex.replace', { pattern: 'a', text, replacement: 'x'.repeat(100_000) })).toMatchObject({
    code: 'limit.output',
  })
  expect(await door.refused('regex.find_all', { pattern: '((((((a*))))))', text: text.repeat(20) })).toMatchObject({
    code: 'limit.output',
  })
  expect(await door.refused('regex.split', { pattern: '', text: text.repeat(3) })).toMatchObject({
    code: 'limit.output',
  })
})

test('names of groups that mean something to objects are names', async () => {
  const { match } = await doors.door().call<{ match: { named: object } }>('regex.find', {
    pattern: '(?<toString>a)(?<constructor>b)',
    text: 'ab',
  })
  expect(Object.entries(match.named)).toEqual([
    ['toString', 'a'],
    ['constructor', 'b'],
  ])
  expect(
    await doors.door().refused('regex.replace', { pattern: '(a)', text: 'a', replacement: '${toString}' }),
  ).toMatchObject({
    code: 'input.invalid',
  })
})
