// A plugin has a query of half a million empty parameters parsed: the engine takes time in the square of their number, in
// one piece that no clock ends. Inline, that is the host's own event loop.

import { afterAll, expect, test } from 'vitest'
import { compute } from '../../packages/runtimes/script/src/engine/compute.ts'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

test.fails('inline, the host’s event loop turns meanwhile', async () => {
  const source = `export const ok = () => 1; export const parse = () => { new URLSearchParams('&a'.repeat(500 * 1024)); return 1 }`
  await using plugin = await loadScript(runtime, source, { entry: 'main.js', boundary: 'inline' })
  await callScript(plugin, 'ok')
  const late: string[] = []
  setTimeout(() => late.push('timer'), 0)
  const call = callScript(plugin, 'parse', null, { wallMs: 60 }).then(
    () => late.push('call'),
    () => late.push('call'),
  )
  // Ten deadlines later the call has long ended, unless the loop was held up for all of them.
  const far = new Promise<void>((resolve) => {
    setTimeout(() => {
      late.push('ten deadlines')
      resolve()
    }, 600)
  })
  await Promise.all([call, far])
  expect(late).toEqual(['timer', 'call', 'ten deadlines'])
})

test('what is computed is right', () => {
  expect(compute('query-parse', '"&a&a"', new Uint8Array())).toBe('[["a",""],["a",""]]')
})
