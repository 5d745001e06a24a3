// The memories of instances that are dropped serve other instances, of other users. A module fills all of its memory and of
// its blocks with what its user said, for so many users that their instances must go; no other user may find any of it.

import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const blocksBytes = 60_000

const bytes = wat(`(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "load_u8" (func $load (param i64) (result i32)))
  (import "extism:host/env" "store_u8" (func $store (param i64 i32)))
  (memory (export "memory") 3 3)
  (data (i32.const 100) "*")
  (data (i32.const 150000) "*")
  (func $blocks (param $write i32) (result i32) (local $at i64) (local $end i64) (local $found i32)
    (local.set $at (call $alloc (i64.const ${blocksBytes})))
    (local.set $end (i64.add (local.get $at) (i64.const ${blocksBytes})))
    (loop $next
      (local.set $found (i32.or (local.get $found) (call $load (local.get $at))))
      (if (local.get $write) (then (call $store (local.get $at) (i32.const 99))))
      (local.set $at (i64.add (local.get $at) (i64.const 1)))
      (br_if $next (i64.lt_u (local.get $at) (local.get $end))))
    (local.get $found))
  (func (export "look_and_fill") (result i32) (local $at i32) (local $expected i32)
    (loop $next
      (local.set $expected (i32.mul (i32.const 42) (i32.or
        (i32.eq (local.get $at) (i32.const 100)) (i32.eq (local.get $at) (i32.const 150000)))))
      (if (i32.ne (i32.load8_u (local.get $at)) (local.get $expected)) (then (return (i32.const 1))))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (br_if $next (i32.lt_u (local.get $at) (i32.const 196608))))
    (memory.fill (i32.const 0) (i32.const 99) (i32.const 196608))
    (if (call $blocks (i32.const 1)) (then (return (i32.const 2))))
    (i32.const 0)))`)

test.for(['thread', 'inline'] as const)('no user finds what others left, boundary %s', async (boundary) => {
  await using open = await openPlugin({ bytes, boundary, isolation: 'per-plugin' })
  for (let user = 0; user < 150; user++) {
    // Time to wipe before the next call, and none.
    if (user % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
    expect(await callPlugin(open, 'look_and_fill', { context: { user: `user ${user}` } })).toBe('')
  }
})
