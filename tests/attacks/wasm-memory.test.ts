// Guests that take more memory than their limit: linear memory, tables, memory blocks, at start and while they run.

import { defaultLimits } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const MiB = 1024 * 1024
const limits = { ...defaultLimits, memoryBytes: 4 * MiB }

const greedy = wat(`(module
  (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
  (memory (export "memory") 1) (table $t 10 externref)
  (func (export "grow_for_ever") (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))) unreachable)
  (func (export "one_big_step") (if (i32.eq (memory.grow (i32.const 30000)) (i32.const -1)) (then unreachable)))
  (func (export "fail_politely") (result i32) (i32.eq (memory.grow (i32.const 30000)) (i32.const -1)))
  (func (export "cope") (drop (memory.grow (i32.const 30000))))
  (func (export "tables") (loop $more
    (br_if $more (i32.ne (table.grow $t (ref.null extern) (i32.const 100000)) (i32.const -1)))) unreachable)
  (func (export "blocks") (loop $more (drop (call $alloc (i64.const 100000))) (br $more)))
  (func (export "tiny_blocks") (loop $more (drop (call $alloc (i64.const 1))) (br $more)))
  (func (export "huge_block") (drop (call $alloc (i64.const -1))))
  (func (export "fine")))`)

test.for(['grow_for_ever', 'one_big_step', 'fail_politely', 'blocks', 'tiny_blocks', 'huge_block'])(
  '%s ends with limit.memory, and the next call is answered',
  async (action) => {
    await using open = await openPlugin({ bytes: greedy, limits })
    await expect(callPlugin(open, action)).rejects.toMatchObject({ code: 'limit.memory' })
    expect(await callPlugin(open, 'fine')).toBe('')
  },
)

test('a guest that copes with the refusal goes on', async () => {
  await using open = await openPlugin({ bytes: greedy, limits })
  expect(await callPlugin(open, 'cope')).toBe('')
})

test('a table bomb stops at the cap', async () => {
  await using open = await openPlugin({ bytes: greedy, limits })
  await expect(callPlugin(open, 'tables')).rejects.toMatchObject({ code: 'plugin.trap' })
  expect(await callPlugin(open, 'fine')).toBe('')
})

test('the engine itself holds the maximum', async () => {
  const bytes = wat(`(module (memory 1) (func (export "max") (result i32)
    (loop $more (br_if $more (i32.ne (memory.grow (i32.const 1)) (i32.const -1))))
    (i32.ne (memory.size) (i32.const 64))))`)
  await using open = await openPlugin({ bytes, limits })
  expect(await callPlugin(open, 'max')).toBe('')
  const { plugin } = open
  expect(plugin.actions).toHaveProperty('max')
})

test('a module whose minimum exceeds the limit is refused when it is loaded', async () => {
  await expect(openPlugin({ bytes: wat('(module (memory 65))'), limits })).rejects.toMatchObject({
    code: 'limit.memory',
  })
  await expect(openPlugin({ bytes: wat('(module (table 4000000 funcref))'), limits })).rejects.toMatchObject({
    code: 'limit.memory',
  })
})

test('modules that use garbage-collected types never run', async () => {
  const bytes = Uint8Array.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 5, 1, 0x5f, 1, 0x7f, 0])
  await expect(openPlugin({ bytes })).rejects.toMatchObject({ code: 'artifact.feature' })
})

test('an output beyond its limit is refused before it is copied', async () => {
  const bytes = wat(`(module
    (import "extism:host/env" "alloc" (func $alloc (param i64) (result i64)))
    (import "extism:host/env" "output_set" (func $output_set (param i64 i64)))
    (func (export "run") (call $output_set (call $alloc (i64.const 2000000)) (i64.const 2000000)))
    (func (export "lie") (call $output_set (i64.const 16) (i64.const 900000)))
    (func (export "lie_more") (call $output_set (i64.const -16) (i64.const 5))))`)
  await using open = await openPlugin({ bytes, limits: { ...defaultLimits, outputBytes: 1_000_000 } })
  await expect(callPlugin(open, 'run')).rejects.toMatchObject({ code: 'limit.output' })
  await expect(callPlugin(open, 'lie')).rejects.toMatchObject({ code: 'plugin.trap' })
  await expect(callPlugin(open, 'lie_more')).rejects.toMatchObject({ code: 'plugin.trap' })
})
