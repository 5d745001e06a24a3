// Small modules whose compilation takes gigabytes or minutes, which no termination of a thread can interrupt: branches
// times values that are alive, or many instructions that become much code. They are refused when they are loaded, and nothing
// of them is compiled lazily later.

import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

const many = (count: number, text: string): string => Array.from({ length: count }, () => text).join(' ')
const locals = (count: number): string => `(local ${many(count, 'i32')})`

const bombs: [string, string][] = [
  ['loops over many locals', `${locals(20_000)} ${many(2000, '(loop)')}`],
  ['branches over many locals', `${locals(20_000)} (block ${many(2000, '(br_if 0 (local.get 0))')})`],
  ['conditions over many locals', `${locals(20_000)} ${many(2000, '(if (local.get 0) (then))')}`],
  [
    'conditions over a high stack',
    `${many(20_000, 'i32.const 0')} ${many(2000, 'i32.const 0 if end')} ${many(20_000, 'drop')}`,
  ],
  [
    'a high stack from calls of several results',
    `${many(4000, 'call $five')} ${many(2000, 'i32.const 0 if end')} ${many(20_000, 'drop')}`,
  ],
  [
    'branch tables to many blocks',
    `${locals(4000)} ${many(100, 'block')} ${many(40, `block local.get 0 br_table ${many(100, '0')} end`)} ${many(100, 'end')}`,
  ],
  ['calls', many(70_000, '(call $none)')],
  ['calls through a table', many(17_000, '(call_indirect (i32.const 0))')],
  ['rotations', many(81_000, '(drop (i32.rotl (i32.const 1) (i32.const 2)))')],
  ['conversions that trap', many(22_000, '(drop (i64.trunc_f64_u (f64.const 1)))')],
  ['conversions that saturate', many(21_000, '(drop (i64.trunc_sat_f64_u (f64.const 1)))')],
]

test.each(bombs)('%s', async (_name, body) => {
  const five = '(func $five (result i32 i32 i32 i32 i32) unreachable)'
  const bytes = wat(`(module ${five} (table 1 funcref) (func $none) (func (export "run") ${body}))`, false)
  await expect(openPlugin({ bytes })).rejects.toMatchObject({ code: 'artifact.feature' })
})

test('a large function without many branches, and one without many locals, are taken', async () => {
  const bytes = wat(`(module
    (func (export "straight") ${locals(20_000)} ${many(20_000, '(local.set 3 (i32.add (local.get 1) (local.get 2)))')})
    (func (export "branchy") (local i32) ${many(50_000, '(if (local.get 0) (then (local.set 0 (i32.const 1))))')}))`)
  await using open = await openPlugin({ bytes })
  expect(await callPlugin(open, 'straight')).toBe('')
  expect(await callPlugin(open, 'branchy')).toBe('')
})
