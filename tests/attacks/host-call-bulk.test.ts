// A plugin sends inputs that cost the host more to refuse than they cost to make: members by the million, names and
// values that end up in errors, and errors without end.

import { Deadlines, defineHostFunction, errorFromWire, makeDispatcher, makeFunctionTable } from '@bulkhead/kernel'
import { openDialer } from '@bulkhead/net'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { makeLogFunctions } from '@bulkhead/service-log'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { openDoor } from '../support/door.ts'

const log = makeLogFunctions({ log: { write: () => {} }, clock: { now: () => 0 } })
const anything = defineHostFunction({
  name: 'test.anything',
  input: z.record(z.string(), z.union([z.string(), z.number()])),
  output: z.null(),
  needs: () => [],
  run: () => null,
})

test('a field or a header too many is refused before any of them is looked at', async () => {
  await using dialer = openDialer()
  const door = openDoor({
    functions: [...log, ...makeHttpFunctions({ dialer, version: '1' })],
    grants: ['network:http://127.0.0.1:9/*'],
  })
  let looked = 0
  const many: Record<string, unknown> = {}
  for (let index = 0; index < 100_000; index++) many[`f${index}`] = []
  for (const [name, input] of [
    ['log.write', { message: 'm', fields: many }],
    ['http.request', { url: 'http://127.0.0.1:9/', headers: many }],
  ] as const) {
    const error = await door.refused(name, input)
    expect(error.code).toBe('input.invalid')
    const { issues } = error.details as { issues: unknown[] }
    looked += issues.length
  }
  // One issue each: not one for every member.
  expect(looked).toBe(2)
})

test('members are bounded for the embedding program’s own functions as well', async () => {
  const door = openDoor({ functions: [anything] })
  const json = `{${Array.from({ length: 250_002 }, (_, index) => `"${index}":[]`).join(',')}}`
  expect((await door.refused('test.anything', JSON.parse(json))).code).toBe('input.too-large')
})

test('an error repeats little of what the plugin sent', async () => {
  const door = openDoor({ functions: [...log, anything] })
  const long = 'x'.repeat(1_000_000)
  for (const [name, input] of [
    ['log.write', { message: 'm', [long]: 1 }],
    ['test.anything', { [long]: [] }],
  ] as const) {
    const error = await door.refused(name, input)
    expect(error.code).toBe('input.invalid')
    expect(JSON.stringify(error.toJSON()).length).toBeLessThan(10_000)
  }
})

test('what a function throws is cut as well, and only so many errors are kept for one call', async () => {
  const failing = defineHostFunction({
    name: 'test.fails',
    input: z.strictObject({ text: z.string() }),
    output: z.null(),
    needs: () => [],
    run: ({ input }) => {
      throw new Error(`cannot do ${input.text}`)
    },
  })
  const { context } = openDoor({ functions: [] })
  const session = makeDispatcher({
    functions: makeFunctionTable([failing]),
    gate: { decide: () => Promise.reject(new Error('nothing is asked')) },
    clock: { now: () => 0, monotonic: () => performance.now(), after: () => ({ [Symbol.dispose]: () => {} }) },
    crypto: { newId: () => '', sha256: () => '' },
    deadlines: new Deadlines({ monotonic: () => performance.now(), after: () => ({ [Symbol.dispose]: () => {} }) }),
    makeSignal: () => new AbortController(),
  })({ ...context, limits: { ...context.limits, hostCalls: 5000 } })
  const ids: string[] = []
  for (let index = 0; index < 2000; index++) {
    const reply = await session.dispatch('test.fails', { json: JSON.stringify({ text: 'x'.repeat(20_000) }) })
    if (reply.ok) throw new Error('it did not fail')
    const error = errorFromWire(reply.error)
    expect(error.message.length).toBeLessThan(5000)
    ids.push(error.id ?? '')
  }
  expect(new Set(ids).size).toBe(2000)
  const kept = ids.map((id) => session.errorOf(id)).filter((error) => error !== undefined)
  expect(kept.length).toBe(1000)
  // Nor does a cause hold on to the whole.
  expect(kept.every((error) => error.cause === undefined)).toBe(true)
})
