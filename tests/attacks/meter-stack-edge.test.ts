// A guest that calls the host, or is asked at the flag, with almost no stack left: the host's functions must not break off in
// the middle, where a guest could catch what they throw and go on with half of it done. Guests have stacks of their own, for
// they are entered so that they can be suspended; what they call runs on the thread's.

import type { Dispatch } from '@bulkhead/kernel'
import { afterAll, expect, test } from 'vitest'
import { callPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'
import { callWithin, endingOf, idle, openThread } from '../meter/one-thread.ts'

const each = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ')

/** Calls at each depth; what is caught there is told to the host. `locals` make the steps towards the end differ. */
const edge = (locals: number, call: string): Uint8Array =>
  wat(`(module
    (import "extism:host/env" "input_length" (func $input_length (result i64)))
    (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
    (import "extism:host/env" "free" (func $free (param i64)))
    (import "bulkhead:host" "test_call" (func $tell (param i64) (result i64)))
    (func $deeper (param i64) (result i64) (local ${each(locals, () => 'i64')})
      (try (do ${call}) (catch_all (drop (call $tell (i64.const 0)))))
      ${each(locals, (local) => `(local.set ${local + 1} (i64.mul (local.get ${local}) (local.get 0)))`)}
      (local.set 0 (call $deeper (local.get ${locals})))
      ${each(locals, (local) => `(local.set 0 (i64.xor (local.get 0) (local.get ${local + 1})))`)}
      (local.get 0))
    (func (export "run") (drop (call $deeper (i64.const 3)))))`)

const calls: Readonly<Record<string, string>> = {
  'a function that answers at once': '(drop (call $input_length))',
  'one that takes and gives memory': '(call $free (call $alloc (i64.const 8)))',
  'the flag': '(loop)',
}

const thread = openThread()
afterAll(() => thread[Symbol.asyncDispose]())
const neighbour = await thread.load('neighbour', idle)

test.each(Object.entries(calls))('%s', async (_, call) => {
  let told = 0
  const dispatch: Dispatch = async () => {
    told++
    return { ok: true, payload: { json: 'null' } }
  }
  for (let locals = 0; locals < 24; locals++) {
    await using hostile = await thread.load('hostile', edge(locals, call))
    for (let round = 0; round < 3; round++) {
      expect(await endingOf(callPlugin(hostile, 'run', { dispatch }))).toBe('limit.stack')
    }
  }
  expect(told).toBe(0)
  expect(await callWithin(neighbour, 'fine', {})).toBe('')
})
