// Modules that make the cell itself hold text and pieces of bytes for them. That lies on the thread's own heap, and when
// V8 runs out of that inside one allocation, it ends the whole process, not the thread.

import { defaultLimits } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const MiB = 2 ** 20
const fill = (byte: number): string => `
  (drop (memory.grow (i32.const 1500))) (memory.fill (i32.const 16) (i32.const ${byte}) (i32.const ${90 * MiB}))
  (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const ${90 * MiB}))`
const write = (fd: number): string =>
  `(drop (call $fd_write (i32.const ${fd}) (i32.const 0) (i32.const 1) (i32.const 8)))`

const bytes = wat(`(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "log_info" (func $log (param i64)))
  (import "extism:host/env" "config_get" (func $config_get (param i64) (result i64)))
  (import "extism:host/env" "var_set" (func $var_set (param i64 i64)))
  (import "extism:host/env" "http_request" (func $http (param i64 i64) (result i64)))
  (import "bulkhead:host" "a_b" (func $ask (param i64) (result i64)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func $big (result i64) (call $alloc (i64.const ${90 * MiB})))
  (func (export "newlines") ${fill(10)} ${write(1)})
  (func (export "no_text") ${fill(255)} ${write(2)})
  (func (export "log") (call $log (call $big)))
  (func (export "config") (drop (call $config_get (call $big))))
  (func (export "name_of_var") (call $var_set (call $big) (i64.const 0)))
  (func (export "http") (drop (call $http (call $big) (i64.const 0))))
  (func (export "host_call") (drop (call $ask (call $big))))
  (func (export "many_lines") (i32.store8 (i32.const 16) (i32.const 10))
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 1))
    (loop $again ${write(1)} (br $again)))
  (func (export "fine")))`)

const command = wat(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 0))
    (loop $again ${write(1)} (br $again))))`)

const harmless = ['newlines', 'no_text', 'log']
const refused = ['config', 'name_of_var', 'http', 'host_call']

test.each([...harmless, ...refused])('%s of 90 MiB neither ends the process nor floods the log', async (action) => {
  await using open = await openPlugin({ bytes, functions: ['a.b'] })
  let logged = 0
  const outcome = await callPlugin(open, action, { log: (_level, message) => (logged += 64 + message.length) }).catch(
    (error: { code: string }) => error.code,
  )
  expect(outcome).toBe(refused.includes(action) ? 'input.too-large' : '')
  expect(logged).toBeLessThan(1.1 * MiB)
  expect(await callPlugin(open, 'fine')).toBe('')
})

test('empty lines without end are bounded too', async () => {
  await using open = await openPlugin({ bytes, functions: ['a.b'] })
  let lines = 0
  const call = callPlugin(open, 'many_lines', { wallMs: 1500, log: () => lines++ })
  await expect(call).rejects.toMatchObject({ code: 'limit.time' })
  expect(lines).toBeLessThan(20_000)
})

test('pieces of output without bytes take no memory', async () => {
  const limits = { ...defaultLimits, outputBytes: 1000 }
  await using open = await openPlugin({ bytes: command, limits })
  const before = process.memoryUsage.rss()
  const call = callPlugin(open, '_start', { wallMs: 4000 })
  await expect(call).rejects.toMatchObject({ code: 'limit.time' })
  expect(process.memoryUsage.rss() - before).toBeLessThan(300 * MiB)
})
