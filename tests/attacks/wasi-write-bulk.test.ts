// One fd_write may name the guest's whole memory a thousand times. The lines are dropped beyond the log's budget, and they
// must not be split for that either: the guest's own code does not run meanwhile, so that no clock ends it.

import { expect, test, vi } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const bytes = wat(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 300)
  (func (export "random") (result i32) (call $random (i32.const 0) (i32.const 16777216)))
  (func (export "write") (local $at i32)
    (memory.fill (i32.const 65536) (i32.const 10) (i32.const 16777216))
    (loop $next
      (i32.store (local.get $at) (i32.const 65536))
      (i32.store (i32.add (local.get $at) (i32.const 4)) (i32.const 16777216))
      (br_if $next (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 8))) (i32.const 64))))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 8) (i32.const 4096)))))`)

test('beyond what the log takes, nothing is decoded and no line is made, call after call', async () => {
  await using open = await openPlugin({ bytes, boundary: 'inline' })
  for (let call = 0; call < 3; call++) {
    const decode = vi.spyOn(TextDecoder.prototype, 'decode')
    const lines: string[] = []
    await callPlugin(open, 'write', { log: (_level, line) => void lines.push(line) })
    const steps = decode.mock.calls.length
    decode.mockRestore()
    // 16 KiB a step; each line counts 64.
    expect(steps).toBeLessThan(20)
    expect(lines.length).toBeLessThan(20_000)
    expect(lines.at(-1)).toBe('further log lines of this call are dropped')
  }
})

test('random bytes are made a megabyte at a time at most', async () => {
  await using open = await openPlugin({ bytes, boundary: 'inline' })
  await expect(callPlugin(open, 'random')).rejects.toMatchObject({ message: expect.stringContaining('returned 28') })
})
