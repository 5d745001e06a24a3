// A guest that catches the exception of a refused HTTP request and goes on as if nothing had happened: the call still
// ends with the host's own error, and no later host call of it arrives.

import type { Dispatch } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const bytes = wat(`(module
  (import "extism:host/env" "http_request" (func $http (param i64 i64) (result i64)))
  (import "extism:host/env" "input_offset" (func $input (result i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (import "extism:host/env" "log_info" (func $log (param i64)))
  (import "bulkhead:host" "test_call" (func $call (param i64) (result i64)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (func (export "swallow") (result i32)
    (try (do (drop (call $http (call $input) (i64.const 0)))) (catch_all))
    (i32.const 0))
  (func (export "swallow_then_call") (result i32)
    (try (do (drop (call $http (call $input) (i64.const 0)))) (catch_all))
    (try (do (drop (call $call (i64.const 0)))) (catch_all))
    (try (do (call $log (call $input))) (catch_all))
    (i32.const 0))
  (func (export "swallow_then_trap") (result i32)
    (try (do (drop (call $http (call $input) (i64.const 0)))) (catch_all)) unreachable)
  (func (export "swallow_then_exit") (result i32)
    (try (do (drop (call $http (call $input) (i64.const 0)))) (catch_all)) (call $exit (i32.const 0)) (i32.const 0)))`)

test.for(['swallow', 'swallow_then_call', 'swallow_then_trap', 'swallow_then_exit'])('%s', async (action) => {
  await using open = await openPlugin({ bytes, functions: ['test.call'] })
  const asked: string[] = []
  const dispatch: Dispatch = async (name) => {
    asked.push(name)
    return { ok: false, error: { code: 'capability.denied', message: 'no', id: 'c-1' } }
  }
  const lines: string[] = []
  const input = '{"url":"https://example.com/"}'
  await expect(
    callPlugin(open, action, { input, dispatch, log: (_level, line) => void lines.push(line) }),
  ).rejects.toMatchObject({ code: 'capability.denied', id: 'c-1' })
  expect(asked).toEqual(['http.request'])
  expect(lines).toEqual([])
})
