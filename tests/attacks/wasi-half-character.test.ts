// A call ends in the middle of a character that it writes to its standard error. The rest of the decoder's state must end
// with it: the next call, of another user, writes a line that has nothing of it.

import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const bytes = wat(`(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\03\\00\\00\\00\\20\\00\\00\\00\\04\\00\\00\\00\\f0\\9f\\98")
  (data (i32.const 32) "\\80abc")
  (func (export "begin") (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 64))))
  (func (export "end") (drop (call $write (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 64)))))`)

test.for(['thread', 'inline'] as const)('half a character does not outlive its call, boundary %s', async (boundary) => {
  await using open = await openPlugin({ bytes, boundary })
  const lines: string[] = []
  const log = (_level: string, line: string): unknown => lines.push(line)
  await callPlugin(open, 'begin', { context: { user: 'alice' } })
  await callPlugin(open, 'end', { context: { user: 'bob' }, log: log as never })
  expect(lines).toEqual(['\u{fffd}abc'])
})
