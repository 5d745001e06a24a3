// A module stores into its memory blocks' memory where no block is: nothing says that those bytes were ever written. With
// fresh state for each call, the next call must not find them.

import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const bytes = wat(`(module
  (import "extism:host/env" "store_u64" (func $store_u64 (param i64 i64)))
  (import "extism:host/env" "store_u8" (func $store_u8 (param i64 i32)))
  (import "extism:host/env" "load_u64" (func $load_u64 (param i64) (result i64)))
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (import "extism:host/env" "free" (func $free (param i64)))
  (import "extism:host/env" "reset" (func $reset))
  (memory 1)
  (func (export "hide_far") (call $store_u64 (i64.const 60000) (i64.const 99)))
  (func (export "hide_low") (call $store_u64 (i64.const 0) (i64.const 99)))
  (func (export "hide_byte") (call $store_u8 (i64.const 60000) (i32.const 99)))
  (func (export "hide_after_reset")
    (drop (call $alloc (i64.const 40000))) (call $reset) (call $store_u64 (i64.const 60000) (i64.const 99)))
  (func (export "look") (result i32)
    (if (i64.ne (call $load_u64 (i64.const 60000)) (i64.const 0)) (then (return (i32.const 1))))
    (if (i64.ne (call $load_u64 (i64.const 0)) (i64.const 0)) (then (return (i32.const 2))))
    (i32.const 0)))`)

test.for(['thread', 'inline'] as const)(
  'what lies outside of every block is gone as well, boundary %s',
  async (boundary) => {
    await using open = await openPlugin({ bytes, boundary })
    const seen: string[] = []
    for (let round = 0; round < 3; round++) {
      for (const hide of ['hide_far', 'hide_low', 'hide_byte', 'hide_after_reset']) {
        const hid = await callPlugin(open, hide, { context: { user: 'alice' } }).then(
          () => 'hid',
          (error) => error.code,
        )
        if (round === 1) await new Promise((resolve) => setTimeout(resolve, 5))
        const found = await callPlugin(open, 'look', { context: { user: 'bob' } }).then(
          () => 'nothing',
          (error) => error.message,
        )
        seen.push(`${hide} ${hid} ${found}`)
      }
    }
    expect(seen.filter((line) => / returned [12]$/.test(line))).toEqual([])
  },
)
