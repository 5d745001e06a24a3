// A plugin that catches its own end, in a compartment: a host call ends it, whatever stands around that call catches what
// comes, and still nothing more of it runs. In both encodings of exceptions. Two defences stand behind each other here: the trap
// of the meter's (alone: meter-swallow.test.ts), and the guard before every host function.

import type { Dispatch } from '@bulkhead/kernel'
import { afterAll, expect, test } from 'vitest'
import { Bytes } from '../../packages/meter/fuzz/bytes.ts'
import { callPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'
import { idle, openThread } from '../meter/one-thread.ts'

/** What the plugin does first; then it calls the host again, which must not arrive. */
const legacy: Readonly<Record<string, string>> = {
  catch_all: '(try (do (call $out)) (catch_all))',
  'catch_all twice over': '(try (do (try (do (call $out)) (catch_all (call $out)))) (catch_all))',
  'catch_all round a loop': '(loop $l (try (do (call $out)) (catch_all (br $l))))',
  'a tag and catch_all': '(try (do (call $out)) (catch $e) (catch_all))',
  rethrow: '(try (do (try (do (call $out)) (catch_all (rethrow 0)))) (catch_all))',
  delegate: '(try (do (try (do (call $out)) (delegate 0))) (catch_all))',
  'a handler in the caller': '(try (do (call $inner)) (catch_all))',
  'another exception instead': '(try (do (try (do (call $out)) (catch_all (throw $e)))) (catch $e))',
}

const legacyModule = (first: string): Uint8Array =>
  wat(`(module (import "bulkhead:host" "test_call" (func $call (param i64) (result i64))) (tag $e)
    (func $out (drop (call $call (i64.const 0))))
    (func $inner (call $out))
    (func (export "run") ${first} (call $out)))`)

const end = 0x0b
const out = [0x10, 1]

/** The same as code; function 1 calls the host. */
const standard: Readonly<Record<string, readonly number[]>> = {
  catch_all: [0x02, 0x40, 0x1f, 0x40, 1, 2, 0, ...out, end, end],
  catch_all_ref: [0x02, 0x69, 0x1f, 0x40, 1, 3, 0, ...out, end, 0x00, end, 0x1a],
  'catch_all round a loop': [0x03, 0x40, 0x1f, 0x40, 1, 2, 0, ...out, end, end],
  'a tag and catch_all': [0x02, 0x40, 0x1f, 0x40, 2, 0, 0, 0, 2, 0, ...out, end, end],
  'throw_ref to a second handler': [
    ...[0x02, 0x40, 0x1f, 0x40, 1, 2, 0],
    ...[0x02, 0x69, 0x1f, 0x40, 1, 3, 0, ...out, end, 0x00, end, 0x0a],
    ...[end, end],
  ],
  'another exception instead': [
    ...[0x02, 0x40, 0x1f, 0x40, 1, 0, 0, 0],
    ...[0x02, 0x40, 0x1f, 0x40, 1, 2, 0, ...out, end, 0x00, end, 0x08, 0],
    ...[end, end],
  ],
}

const standardModule = (first: readonly number[]): Uint8Array => {
  const calling = [0, 0x42, 0, 0x10, 0, 0x1a, end]
  const run = [0, ...first, ...out, end]
  return new Bytes()
    .raw(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0)
    .section(1, new Bytes().raw(2, 0x60, 0, 0, 0x60, 1, 0x7e, 1, 0x7e))
    .section(2, new Bytes().raw(1).name('bulkhead:host').name('test_call').raw(0, 1))
    .section(3, new Bytes().raw(2, 0, 0))
    .section(13, new Bytes().raw(1, 0, 0))
    .section(7, new Bytes().raw(1).name('run').raw(0, 2))
    .section(10, new Bytes().raw(2, calling.length, ...calling, run.length, ...run))
    .taken()
}

const cases: (readonly [string, Uint8Array])[] = [
  ...Object.entries(legacy).map(([name, first]) => [`${name}, legacy`, legacyModule(first)] as const),
  ...Object.entries(standard).map(([name, first]) => [`${name}, standard`, standardModule(first)] as const),
]

const thread = openThread()
afterAll(() => thread[Symbol.asyncDispose]())
// Keeps the thread there.
await thread.load('neighbour', idle)

test.each(cases)('%s', async (_, bytes) => {
  await using plugin = await thread.load('under-test', bytes)
  let calls = 0
  const refused: Dispatch = async () => {
    calls++
    return { ok: false, error: { code: 'limit.host-calls', message: 'too many', id: 'c-1' } }
  }
  await expect(callPlugin(plugin, 'run', { dispatch: refused })).rejects.toMatchObject({ code: 'limit.host-calls' })
  expect(calls).toBe(1)

  const controller = new AbortController()
  const waiting: Dispatch = () => {
    calls++
    controller.abort()
    return new Promise(() => undefined)
  }
  const cancelled = callPlugin(plugin, 'run', { dispatch: waiting, context: { signal: controller.signal } })
  await expect(cancelled).rejects.toMatchObject({ code: 'call.cancelled' })
  expect(calls).toBe(2)
})

test.each(cases.filter(([name]) => name.startsWith('catch_all,')))(
  'without an end, both calls arrive: %s',
  async (_, bytes) => {
    await using plugin = await thread.load('under-test', bytes)
    let calls = 0
    const dispatch: Dispatch = async () => {
      calls++
      return { ok: true, payload: { json: 'null' } }
    }
    await callPlugin(plugin, 'run', { dispatch })
    expect(calls).toBe(2)
  },
)
