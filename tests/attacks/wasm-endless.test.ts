// Guests that never come back: in an action, at start, in recursion, in host calls. Each ends typed, and the next call
// is answered.

import { defaultLimits, type Dispatch } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { openCompartments } from '@bulkhead/cell'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const bytes = wat(`(module
  (import "bulkhead:host" "test_call" (func $call (param i64) (result i64)))
  (tag $any)
  (func (export "loop") (loop $l (br $l)))
  (func $deeper (export "recurse") (call $deeper))
  (func (export "flood") (loop $l (drop (call $call (i64.const 0))) (br $l)))
  (func (export "swallow") (loop $l (try (do (drop (call $call (i64.const 0)))) (catch_all)) (br $l)))
  (func (export "swallow_once") (try (do (drop (call $call (i64.const 0)))) (catch_all)))
  (func (export "call_then_loop") (drop (call $call (i64.const 0))) (loop $l (br $l)))
  (func (export "wait") (drop (call $call (i64.const 0))))
  (func (export "fine")))`)
const functions = ['test.call']
const ok: Dispatch = async () => ({ ok: true, payload: { json: 'null' } })

test('a loop in an action ends with limit.time', async () => {
  await using open = await openPlugin({ bytes, functions })
  await expect(callPlugin(open, 'loop', { wallMs: 150 })).rejects.toMatchObject({ code: 'limit.time' })
  expect(await callPlugin(open, 'fine')).toBe('')
})

test.for([
  ['a start section', '(func $s (loop $l (br $l))) (start $s) (func (export "fine"))'],
  ['_initialize', '(func (export "_initialize") (loop $l (br $l))) (func (export "fine"))'],
])('a loop in %s ends with limit.time', async ([, body]) => {
  await using open = await openPlugin({ bytes: wat(`(module ${body})`) })
  await expect(callPlugin(open, 'fine', { wallMs: 150 })).rejects.toMatchObject({ code: 'limit.time' })
})

test('endless recursion ends with limit.stack', async () => {
  await using open = await openPlugin({ bytes, functions })
  await expect(callPlugin(open, 'recurse')).rejects.toMatchObject({ code: 'limit.stack' })
  expect(await callPlugin(open, 'fine')).toBe('')
})

test('a flood of host calls ends with the deadline, and nothing of it arrives afterwards', async () => {
  await using open = await openPlugin({ bytes, functions })
  let calls = 0
  const dispatch: Dispatch = async (name, payload) => {
    calls++
    return ok(name, payload)
  }
  await expect(callPlugin(open, 'flood', { wallMs: 200, dispatch })).rejects.toMatchObject({ code: 'limit.time' })
  const after = calls
  expect(after).toBeGreaterThan(0)
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(calls).toBe(after)
})

test.for(['flood', 'swallow'])('%s ends at the limit of host calls', async (action) => {
  await using open = await openPlugin({ bytes, functions })
  let calls = 0
  const dispatch: Dispatch = async () =>
    ++calls <= 50
      ? { ok: true, payload: { json: 'null' } }
      : { ok: false, error: { code: 'limit.host-calls', message: 'too many', id: 'c-1' } }
  await expect(callPlugin(open, action, { dispatch })).rejects.toMatchObject({ code: 'limit.host-calls' })
  expect(calls).toBe(51)
})

test('host calls on their way when a call is cancelled are dropped by the host', async () => {
  await using open = await openPlugin({ bytes, functions })
  let after = 0
  for (let round = 0; round < 10; round++) {
    const controller = new AbortController()
    const dispatch: Dispatch = async (name, payload) => {
      if (controller.signal.aborted) after++
      return ok(name, payload)
    }
    const context = { signal: controller.signal }
    const flood = callPlugin(open, 'flood', { dispatch, context })
    setTimeout(() => {
      // Busy for a moment, so that the guest's next host call lies in the queue when the call is cancelled.
      const until = performance.now() + 5
      while (performance.now() < until) continue
      controller.abort()
    }, 30)
    await expect(flood).rejects.toMatchObject({ code: 'call.cancelled' })
  }
  expect(after).toBe(0)
})

test('a guest that catches every exception is ended all the same', async () => {
  await using open = await openPlugin({ bytes, functions })
  await expect(callPlugin(open, 'swallow', { wallMs: 200, dispatch: ok })).rejects.toMatchObject({ code: 'limit.time' })
  expect(await callPlugin(open, 'fine')).toBe('')
})

test('cancelling ends a waiting call with the reason of its signal, and drops the late answer', async () => {
  await using open = await openPlugin({ bytes, functions })
  const controller = new AbortController()
  let answer: (() => void) | undefined
  const dispatch: Dispatch = () =>
    new Promise((resolve) => {
      answer = () => resolve({ ok: true, payload: { json: '1' } })
      setTimeout(() => controller.abort(), 10)
    })
  const context = { signal: controller.signal }
  await expect(callPlugin(open, 'wait', { dispatch, context })).rejects.toMatchObject({ code: 'call.cancelled' })
  answer?.()
  expect(await callPlugin(open, 'fine')).toBe('')
  expect(await callPlugin(open, 'swallow_once', { dispatch: ok })).toBe('')
})

test('another guest’s loop stops nobody: calls on the same thread go on, the suspended ones among them', async () => {
  await using open = await openPlugin({ bytes, functions, limits: { ...defaultLimits, concurrency: 3 } })
  let calls = 0
  const dispatch: Dispatch = async (name, payload) => {
    calls++
    await new Promise((resolve) => setTimeout(resolve, 500))
    return ok(name, payload)
  }
  const loop = callPlugin(open, 'loop', { wallMs: 800 }).catch((thrown: unknown) => thrown)
  let isOver = false
  void loop.then(() => (isOver = true))
  expect(await Promise.all([callPlugin(open, 'wait', { dispatch }), callPlugin(open, 'fine')])).toEqual(['', ''])
  expect([calls, isOver]).toEqual([1, false])
  expect(await loop).toMatchObject({ code: 'limit.time' })
})

test('no compartment is left open', () => {
  expect(openCompartments()).toBe(0)
})
