// Modules whose names are chosen to reach into JavaScript objects, or are simply too many.

import { expect, test } from 'vitest'
import { callPlugin, openPlugin, wat } from '../../packages/runtimes/wasm/fixtures/harness.ts'

test('a linked module called __proto__ changes no prototype', async () => {
  const library = wat('(module (func (export "planted") (result i32) (i32.const 7)))')
  const bytes = wat(`(module (import "__proto__" "planted" (func $planted (result i32)))
    (func (export "run") (if (i32.ne (call $planted) (i32.const 7)) (then unreachable))))`)
  await using open = await openPlugin({ bytes, modules: [{ name: '__proto__', bytes: library }], boundary: 'inline' })
  expect(await callPlugin(open, 'run')).toBe('')
  expect(({} as { planted?: unknown }).planted).toBeUndefined()
})

test.each(['__proto__', 'constructor', 'toString'])('nothing is imported from the namespace %s', async (name) => {
  const bytes = wat(`(module (import "${name}" "call" (func)))`)
  await expect(openPlugin({ bytes })).rejects.toMatchObject({ code: 'artifact.import-unknown' })
  const member = wat(`(module (import "extism:host/env" "${name}" (func)))`)
  await expect(openPlugin({ bytes: member })).rejects.toMatchObject({ code: 'artifact.import-unknown' })
})

test('the list of actions that reaches the host is short, whatever a module exports', async () => {
  const many = Array.from({ length: 5000 }, (_, index) => `(export "a${index}" (func $f))`)
  const bytes = wat(`(module (func $f) ${many.join('\n')} (export "${'x'.repeat(50_000)}" (func $f)))`)
  await using open = await openPlugin({ bytes })
  expect(Object.keys(open.plugin.actions)).toHaveLength(1000)
  expect(JSON.stringify(open.plugin.actions).length).toBeLessThan(20_000)
  expect(await callPlugin(open, 'a4999')).toBe('')
})
