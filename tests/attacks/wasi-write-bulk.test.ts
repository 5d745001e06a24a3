// One fd_write may name the guest's whole memory a thousand times. The lines are dropped beyond the log's budget, the
// splitting of them is not, and no clock ends it: the guest's own code does not run meanwhile.

import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const bytes = wat(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 300)
  (func (export "quick"))
  (func (export "write") (local $at i32)
    (memory.fill (i32.const 65536) (i32.const 10) (i32.const 16777216))
    (loop $next
      (i32.store (local.get $at) (i32.const 65536))
      (i32.store (i32.add (local.get $at) (i32.const 4)) (i32.const 16777216))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 64))))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 8) (i32.const 4096)))))`)

test.fails('inline, a write of more than there is time for ends with the limit', async () => {
  await using open = await openPlugin({ bytes, boundary: 'inline' })
  await callPlugin(open, 'quick')
  const outcome = await callPlugin(open, 'write', { wallMs: 100 }).catch((error: { code: string }) => error.code)
  expect(outcome).toBe('limit.time')
})
