// Times, zones, durations and patterns of an enemy: refused by what is wrong with them, and quickly.

import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ComputingDoors, openComputingDoors } from '../support/computing-door.ts'

let doors: ComputingDoors
beforeAll(() => {
  doors = openComputingDoors()
})
afterAll(() => doors[Symbol.asyncDispose]())

const codeOf = async (name: string, input: unknown): Promise<string> => {
  const reply = await doors
    .door()
    .call(name, input)
    .then(
      () => 'answered',
      (error: unknown) => (error as { code: string }).code,
    )
  return reply
}

test.each([
  ['time.parse', { text: '9'.repeat(101) }],
  ['time.parse', { text: '2026-01-01T00:00:00.'.padEnd(99, '0') }],
  ['time.parse', { text: '+275760-09-14' }],
  ['time.parse', { text: '-271821-04-18' }],
  ['time.parse', { text: '2026-01-01T00:00[../../etc/passwd]' }],
  ['time.parse', { text: '2026-01-01[u-ca=hebrew]' }],
  ['time.parse', { text: '2026-01-01T00:00+99:99' }],
  ['time.parse', { text: '1', format: 'constructor' }],
  ['time.parse', { text: '1', format: "'" }],
  ['time.parse', { text: '1', format: 'd'.repeat(100) }],
  ['time.now', { zone: '../../etc/localtime' }],
  ['time.now', { zone: '__proto__' }],
  ['time.now', { zone: 'Z'.repeat(65) }],
  ['time.format', { time: Number.MAX_SAFE_INTEGER }],
  ['time.format', { time: 0, format: 'y'.repeat(100) }],
  ['time.add', { time: 0, duration: 'P999999999Y' }],
  ['time.add', { time: 0, duration: { years: 1e9 } }],
  ['time.add', { time: 0, duration: { days: 1, hours: -1 } }],
  ['time.add', { time: 0, duration: { __proto__: null, centuries: 1 } }],
  ['time.end_of', { time: 8.64e15, unit: 'year' }],
  ['time.start_of', { time: -8.64e15, unit: 'year' }],
])('%s %j is refused as input', async (name, input) => {
  expect(['input.invalid', 'input.not-json']).toContain(await codeOf(name, input))
})

test('nothing but input is ever at fault', async () => {
  const odd = fc.string({ unit: fc.constantFrom(...'0123456789-+:.TZWP[]/aeYMDu=\'" \u2212\u0660'), maxLength: 40 })
  const input = fc.oneof(
    fc.tuple(fc.constant('time.parse'), fc.record({ text: odd })),
    fc.tuple(fc.constant('time.parse'), fc.record({ text: odd, format: odd })),
    fc.tuple(
      fc.constant('time.format'),
      fc.record({ time: fc.double({ noNaN: true, noDefaultInfinity: true }), format: odd }),
    ),
    fc.tuple(fc.constant('time.add'), fc.record({ time: odd, duration: odd })),
    fc.tuple(fc.constant('time.diff'), fc.record({ from: odd, to: odd })),
    fc.tuple(fc.constant('time.now'), fc.record({ zone: odd })),
  )
  await fc.assert(
    fc.asyncProperty(input, async ([name, given]) => {
      expect(['answered', 'input.invalid'], JSON.stringify([name, given])).toContain(await codeOf(name, given))
    }),
    { numRuns: 1000 },
  )
})
