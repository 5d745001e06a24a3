import { defaultLimits } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../fixtures/harness.ts'

const outputs = `
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))`
const digit = `
  (func $digit (param $value i32)
    (local $block i64)
    (local.set $block (call $alloc (i64.const 1)))
    (call $store_u8 (local.get $block) (i32.add (i32.const 48) (local.get $value)))
    (call $output_set (local.get $block) (i64.const 1)))`

test('a reactor is initialised once before its first call', async () => {
  const bytes = wat(`(module ${outputs} (global $n (mut i32) (i32.const 0)) ${digit}
    (func (export "_initialize") (global.set $n (i32.add (global.get $n) (i32.const 4))))
    (func (export "__wasm_call_ctors") unreachable)
    (func (export "run") (global.set $n (i32.add (global.get $n) (i32.const 1))) (call $digit (global.get $n))))`)
  await using open = await openPlugin({ bytes, isolation: 'per-plugin' })
  expect(Object.keys(open.plugin.actions)).toEqual(['run'])
  expect(await callPlugin(open, 'run')).toBe('5')
  expect(await callPlugin(open, 'run')).toBe('6')
  expect(await callPlugin(open, 'run', { context: { user: 'other' } })).toBe('5')
})

test('calls of one context on a kept instance never overlap; a failed instance is thrown away', async () => {
  const bytes = wat(`(module (import "extism:host/user" "wait_here" (func $wait (param i64) (result i64)))
    ${outputs} (global $n (mut i32) (i32.const 0)) ${digit}
    (func (export "run") (global.set $n (i32.add (global.get $n) (i32.const 1)))
      (drop (call $wait (i64.const 0)))
      (call $digit (global.get $n)))
    (func (export "trap") unreachable))`)
  await using open = await openPlugin({ bytes, isolation: 'per-plugin', functions: ['wait.here'] })
  let inside = 0
  let most = 0
  const dispatch = async () => {
    most = Math.max(most, ++inside)
    await new Promise((resolve) => setTimeout(resolve, 2))
    inside--
    return { ok: true as const, payload: { json: 'null' } }
  }
  const answers = await Promise.all([1, 2, 3, 4, 5].map(() => callPlugin(open, 'run', { dispatch })))
  expect(answers).toEqual(['1', '2', '3', '4', '5'])
  expect(most).toBe(1)
  await expect(callPlugin(open, 'trap')).rejects.toMatchObject({ code: 'plugin.trap' })
  expect(await callPlugin(open, 'run', { dispatch })).toBe('1')
})

test('modules without _initialize run their constructors; hs_init comes last', async () => {
  const bytes = wat(`(module ${outputs} (global $n (mut i32) (i32.const 1)) ${digit}
    (func (export "__wasm_call_ctors") (global.set $n (i32.add (global.get $n) (i32.const 1))))
    (func (export "hs_init") (param i32 i32) (global.set $n (i32.mul (global.get $n) (i32.const 3))))
    (func (export "run") (call $digit (global.get $n))))`)
  await using open = await openPlugin({ bytes })
  expect(await callPlugin(open, 'run')).toBe('6')
})

test('a module of a command is started before its other actions', async () => {
  const bytes = wat(`(module ${outputs} (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
    (global $n (mut i32) (i32.const 1)) ${digit}
    (func (export "_start") (global.set $n (i32.const 7)) (call $exit (i32.const 0)))
    (func (export "run") (call $digit (global.get $n))))`)
  await using open = await openPlugin({ bytes })
  expect(await callPlugin(open, 'run')).toBe('7')
})

test('linked modules reach each other and the host, and share the memory limit', async () => {
  const maths =
    wat(`(module (memory 1) (func (export "twice") (param i32) (result i32) (i32.mul (local.get 0) (i32.const 2)))
    (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))`)
  const bytes = wat(`(module (import "maths" "twice" (func $twice (param i32) (result i32)))
    (import "maths" "grow" (func $grow (param i32) (result i32))) ${outputs} (memory 1) ${digit}
    (func (export "run") (call $digit (call $twice (i32.const 4))))
    (func (export "grow_both") (result i32)
      (if (i32.eq (call $grow (i32.const 4)) (i32.const -1)) (then (return (i32.const 1))))
      (if (i32.eq (memory.grow (i32.const 4)) (i32.const -1)) (then (return (i32.const 2))))
      (if (i32.ne (memory.grow (i32.const 1)) (i32.const -1)) (then (return (i32.const 3))))
      (i32.const 0)))`)
  const limits = { ...defaultLimits, memoryBytes: 10 * 65_536 }
  await using open = await openPlugin({ bytes, modules: [{ name: 'maths', bytes: maths }], limits })
  expect(await callPlugin(open, 'run')).toBe('8')
  expect(await callPlugin(open, 'grow_both')).toBe('')
  await expect(openPlugin({ bytes, modules: [{ name: 'maths', bytes }] })).rejects.toMatchObject({
    code: 'artifact.import-unknown',
  })
})

test('modules that import each other in a circle are refused', async () => {
  const a = wat('(module (import "b" "f" (func)) (func (export "f")))')
  const b = wat('(module (import "main" "f" (func)) (func (export "f")))')
  await expect(openPlugin({ bytes: a, modules: [{ name: 'b', bytes: b }] })).rejects.toMatchObject({
    code: 'artifact.invalid',
    message: 'the modules import each other in a circle: main → b → main',
  })
})

test('an imported memory is supplied, within the limit', async () => {
  const bytes = wat(`(module (import "env" "memory" (memory 1)) (func (export "run") (result i32)
    (i32.ne (memory.grow (i32.const 100)) (i32.const -1))))`)
  await using open = await openPlugin({ bytes, limits: { ...defaultLimits, memoryBytes: 4 * 65_536 } })
  expect(await callPlugin(open, 'run')).toBe('')
})
