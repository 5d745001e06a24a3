// A function that was entered often is entered by way of one of ours, which writes down what it returned, so that the host need
// not wait for a promise. Then it does not return: it loops, traps, waits for the host, is paused, grows. Every limit holds
// as before, no answer is another call's, and nothing is left for the next call.

import { defaultLimits, type Dispatch } from '@bulkhead/kernel'
import { describe, expect, test } from 'vitest'
import { callPlugin, type OpenPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

/** More calls than it takes. */
const enough = 80

/** What it does instead of returning, and how that ends. The length of the input says which. */
const deeds = [
  ['loops', '(loop $l (br $l))', 'limit.time'],
  ['recurses', '(call $deeper)', 'limit.stack'],
  ['calls the host at the end of its stack', '(call $ask_deeper)', 'limit.stack'],
  [
    'swallows its end',
    '(loop $l (try (do (call $output (i64.const 0) (i64.const 0))) (catch_all)) (br $l))',
    'limit.time',
  ],
  [
    'swallows what it is refused',
    '(loop $l (try (do (drop (call $alloc (i64.const 4096)))) (catch_all)) (br $l))',
    'limit.memory',
  ],
  ['traps', '(unreachable)', 'plugin.trap'],
  ['throws', '(throw $any)', 'plugin.trap'],
  [
    'needs more memory',
    '(if (i32.eq (memory.grow (i32.const 65535)) (i32.const -1)) (then (unreachable)))',
    'limit.memory',
  ],
  ['answers with what is not its own', '(call $output (i64.const 0) (i64.const 1000000))', 'plugin.trap'],
  ['answers without end', '(call $output (i64.const 0) (i64.const 1000000000))', 'limit.output'],
] as const

const hostile = wat(`(module
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "output_set" (func $output (param i64 i64)))
  (tag $any)
  (memory 1)
  (func $deeper (call $deeper))
  (func $ask_deeper (try (do (drop (call $length)) (call $output (i64.const 0) (i64.const 0))) (catch_all)) (call $ask_deeper))
  (func (export "run") (result i32) (local $deed i64)
    (local.set $deed (call $length))
    ${deeds.map(([, code], index) => `(if (i64.eq (local.get $deed) (i64.const ${index + 1})) (then ${code}))`).join('\n')}
    (i32.const 0)))`)

const waiting = wat(`(module
  (import "bulkhead:host" "test_call" (func $call (param i64) (result i64)))
  (import "extism:host/env" "input_length" (func $length (result i64)))
  (memory 1)
  (global $count (mut i32) (i32.const 0))
  (func (export "fail") (result i32) (i32.wrap_i64 (call $length)))
  (func (export "ask") (result i32) (drop (call $call (i64.const 0))) (i32.wrap_i64 (call $length)))
  (func (export "wide") (result i64) (call $length))
  (func (export "nothing"))
  (func (export "count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
    (i32.add (global.get $count) (i32.load (i32.const 0)))))`)

const answer: Dispatch = async () => ({ ok: true, payload: { json: 'null' } })
const answerLater: Dispatch = (name, payload) =>
  new Promise((resolve) => setTimeout(() => resolve(answer(name, payload)), 5))

const enterOften = async (open: OpenPlugin, action: string): Promise<void> => {
  for (let call = 0; call < enough; call++) await callPlugin(open, action, { dispatch: answer })
}

describe.each([
  ['inline', 'per-plugin'],
  ['inline', 'per-call'],
  ['thread', 'per-plugin'],
] as const)('boundary %s, state %s', (boundary, isolation) => {
  const bounded = { boundary, isolation, limits: { ...defaultLimits, cpuMs: 200 } }

  test.for(deeds.map(([what, , code], index) => [what, code, index + 1] as const))(
    'one that %s ends with %s, and the next call is answered',
    async ([, code, length]) => {
      await using open = await openPlugin({ bytes: hostile, ...bounded })
      await enterOften(open, 'run')
      const input = new Uint8Array(length)
      await expect(callPlugin(open, 'run', { input, wallMs: 100 })).rejects.toMatchObject({ code })
      expect(await callPlugin(open, 'run')).toBe('')
    },
  )

  test('a loop ends at the limit of CPU time', async () => {
    await using open = await openPlugin({ bytes: hostile, ...bounded })
    await enterOften(open, 'run')
    const context = { limits: { ...defaultLimits, cpuMs: 50 } }
    await expect(callPlugin(open, 'run', { input: 'l', context })).rejects.toMatchObject({ code: 'limit.cpu' })
  })

  test('fuel is counted', async () => {
    const limits = { ...defaultLimits, fuel: 100_000 }
    await using open = await openPlugin({ bytes: hostile, ...bounded, limits })
    await enterOften(open, 'run')
    await expect(callPlugin(open, 'run', { input: 'l', context: { limits } })).rejects.toMatchObject({
      code: 'limit.fuel',
    })
    expect(await callPlugin(open, 'run', { context: { limits } })).toBe('')
  })

  test('a call that waits gets its own answer, though others are answered meanwhile', async () => {
    await using open = await openPlugin({ bytes: waiting, functions: ['test.call'], ...bounded })
    await enterOften(open, 'ask')
    for (let call = 0; call < enough; call++) {
      await expect(callPlugin(open, 'fail', { input: '123' })).rejects.toThrow('fail returned 3')
    }
    await enterOften(open, 'ask')
    const ends = Promise.allSettled(
      ['', '1', '22'].map((input) => callPlugin(open, 'ask', { input, dispatch: answerLater })),
    )
    await expect(callPlugin(open, 'fail', { input: '12345' })).rejects.toThrow('fail returned 5')
    expect((await ends).map((end) => (end.status === 'fulfilled' ? 'well' : String(end.reason.message)))).toEqual([
      'well',
      'ask returned 1',
      'ask returned 2',
    ])
  })

  test('functions that return something else, or nothing, are entered as before', async () => {
    await using open = await openPlugin({ bytes: waiting, functions: ['test.call'], ...bounded })
    await enterOften(open, 'wide')
    await enterOften(open, 'nothing')
    await expect(callPlugin(open, 'wide', { input: '1234' })).rejects.toThrow('wide returned 4')
  })
})

test('with fresh state nothing of a call is there for the next', async () => {
  await using open = await openPlugin({ bytes: waiting, functions: ['test.call'], boundary: 'inline' })
  // It fails with what it counted: 2 each time, one for the global and one for the memory.
  for (let call = 0; call < enough; call++) await expect(callPlugin(open, 'count')).rejects.toThrow('count returned 2')
})

test('one that loops lets the event loop turn', async () => {
  // Long enough for the ticker to come by on a busy machine.
  const limits = { ...defaultLimits, cpuMs: 3000 }
  await using open = await openPlugin({ bytes: hostile, boundary: 'inline', isolation: 'per-plugin', limits })
  await enterOften(open, 'run')
  let turns = 0
  let isOver = false
  const turn = (): void => {
    turns++
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await expect(callPlugin(open, 'run', { input: 'l', context: { limits } })).rejects.toMatchObject({
    code: 'limit.cpu',
  })
  isOver = true
  expect(turns).toBeGreaterThan(5)
})
