// A module that hides what it saw wherever it can: memory, globals, tables, vars of its own, blocks, segments. With fresh
// state for each call, the next call must find nothing, whoever makes it, also when instances are used again.

import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const bytes = wat(`(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 3 8)
  (table $t 4 funcref)
  (global $g (mut i64) (i64.const 7))
  (global $h (export "seen") (mut f64) (f64.const 0.5))
  (data (i32.const 100) "\\2a\\00\\00\\00")
  (data $passive "abcd")
  (func $f)
  (elem declare func $f)
  (func (export "hide_in_memory")
    (i32.store (i32.const 100) (i32.const 99))
    (i32.store (i32.const 65536) (i32.const 99))
    (i32.store (i32.const 196600) (i32.const 99)))
  (func (export "hide_in_globals") (global.set $g (i64.const 99)) (global.set $h (f64.const 99)))
  (func (export "hide_in_table") (table.set $t (i32.const 1) (ref.func $f)))
  (func (export "hide_in_segment") (data.drop $passive))
  (func (export "hide_in_size") (drop (memory.grow (i32.const 1))))
  (func (export "hide_in_blocks") (call $store_u64 (call $alloc (i64.const 64)) (i64.const 99)))
  (func (export "hide_then_trap") (i32.store (i32.const 65536) (i32.const 99)) (unreachable))
  (func (export "look") (result i32)
    (if (i32.ne (i32.load (i32.const 100)) (i32.const 42)) (then (return (i32.const 1))))
    (if (i32.ne (i32.load (i32.const 65536)) (i32.const 0)) (then (return (i32.const 2))))
    (if (i32.ne (i32.load (i32.const 196600)) (i32.const 0)) (then (return (i32.const 3))))
    (if (i64.ne (global.get $g) (i64.const 7)) (then (return (i32.const 4))))
    (if (f64.ne (global.get $h) (f64.const 0.5)) (then (return (i32.const 5))))
    (if (i32.eqz (ref.is_null (table.get $t (i32.const 1)))) (then (return (i32.const 6))))
    (if (i32.ne (memory.size) (i32.const 3)) (then (return (i32.const 7))))
    (memory.init $passive (i32.const 200) (i32.const 0) (i32.const 4))
    (if (i64.ne (call $load_u64 (call $alloc (i64.const 64))) (i64.const 0)) (then (return (i32.const 9))))
    (i32.const 0)))`)

const hides = [
  'hide_in_memory',
  'hide_in_globals',
  'hide_in_table',
  'hide_in_segment',
  'hide_in_size',
  'hide_in_blocks',
  'hide_then_trap',
]

test.for(['thread', 'inline'] as const)('nothing of one call is there for the next, boundary %s', async (boundary) => {
  await using open = await openPlugin({ bytes, boundary })
  for (let round = 0; round < 3; round++) {
    for (const hide of hides) {
      await callPlugin(open, hide).catch(() => '')
      // Time to put instances back between two calls, and none.
      if (round === 1) await new Promise((resolve) => setTimeout(resolve, 5))
      expect(await callPlugin(open, 'look', { context: { user: `user-${round}` } })).toBe('')
    }
  }
})

const seeded = wat(`(module
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory 1)
  (func (export "_initialize") (drop (call $random (i32.const 0) (i32.const 8))))
  (func (export "draw") (local $block i64)
    (local.set $block (call $alloc (i64.const 8)))
    (call $store_u64 (local.get $block) (i64.load (i32.const 0)))
    (call $output_set (local.get $block) (i64.const 8))))`)

test('a state that was seeded at the start is never used twice', async () => {
  await using open = await openPlugin({ bytes: seeded })
  const drawn = new Set<string>()
  for (let call = 0; call < 20; call++) drawn.add(await callPlugin(open, 'draw'))
  expect(drawn.size).toBe(20)
})

const lasting = {
  'drops a segment': [
    '(data.drop $passive)',
    '(memory.init $passive (i32.const 0) (i32.const 0) (i32.const 4))',
    'trap',
  ],
  'grows its memory': ['(drop (memory.grow (i32.const 1)))', '(i32.store (i32.const 65536) (i32.const 1))', 'fine'],
  'fills its table': ['(table.set (i32.const 0) (ref.func $f))', '(call_indirect (i32.const 0))', 'fine'],
  'grows its table': ['(drop (table.grow (ref.func $f) (i32.const 1)))', '(call_indirect (i32.const 1))', 'fine'],
} as const

test.each(Object.entries(lasting))('a module that %s at the start has done so for every call', async (_, parts) => {
  const [atStart, inCall, end] = parts
  const module = wat(`(module
    (memory 1 4)
    (table 1 4 funcref)
    (data $passive "abcd")
    (func $f)
    (elem declare func $f)
    (func $start ${atStart})
    (start $start)
    (func (export "run") ${inCall}))`)
  await using open = await openPlugin({ bytes: module })
  for (let call = 0; call < 4; call++) {
    const result = callPlugin(open, 'run')
    if (end === 'trap') await expect(result).rejects.toMatchObject({ code: 'plugin.trap' })
    else expect(await result).toBe('')
  }
})

const sized = wat(`(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load_u8 (param i64) (result i32)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
  (memory 1)
  (func (export "hide") (call $store_u8 (i64.add (call $alloc (i64.const 3000000)) (i64.const 2999999)) (i32.const 1)))
  (func (export "last") (drop (call $load_u64 (i64.const 65528))))
  (func (export "load_u8") (drop (call $load_u8 (i64.const 65536))))
  (func (export "load_u64") (drop (call $load_u64 (i64.const 65529))))
  (func (export "store_u8") (call $store_u8 (i64.const 65536) (i32.const 1)))
  (func (export "store_u64") (call $store_u64 (i64.const 65529) (i64.const 1)))
  (func (export "far") (drop (call $load_u64 (i64.const -4))))
  (func (export "output") (call $output_set (i64.const 65536) (i64.const 1))))`)

test('how much one call stored in blocks is not there for the next to find', async () => {
  await using open = await openPlugin({ bytes: sized })
  for (const probe of ['load_u8', 'load_u64', 'store_u8', 'store_u64', 'far', 'output']) {
    expect(await callPlugin(open, 'hide', { context: { user: 'one' } })).toBe('')
    expect(await callPlugin(open, 'last', { context: { user: 'another' } })).toBe('')
    const found = callPlugin(open, probe, { context: { user: 'another' } })
    await expect(found, probe).rejects.toMatchObject({ code: 'plugin.trap' })
  }
})
