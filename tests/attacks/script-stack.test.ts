// Deep recursion: in plain calls, native functions, JSON, regular expressions and the parser. Each is contained.

import { afterAll, describe, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
export const ok = () => 'alive'
export const plain = () => { const f = () => f() + 1; return f() }
export const getter = () => { const o = { get a() { return this.a } }; return o.a }
export const proxy = () => { const p = new Proxy({}, { get: (t, k, r) => r[k] }); return p.x }
export const sort = () => { const f = () => [2, 1].sort(f); return f() }
export const json = () => { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a }
export const parse = () => JSON.parse('['.repeat(1e5) + ']'.repeat(1e5))
export const source = () => new Function('('.repeat(1e5))()
export const replace = () => { const f = (x) => 'a'.replace(/a/, f); return f() }
export const toString = () => { const o = { toString() { return '' + this } }; return '' + o }
`

describe.each(['thread', 'inline'] as const)('%s', (boundary) => {
  test.each(['plain', 'getter', 'proxy', 'sort', 'json', 'parse', 'source', 'replace', 'toString'])(
    '%s ends in a typed error',
    async (action) => {
      await using plugin = await loadScript(runtime, source, { boundary })
      const outcome = await callScript(plugin, action).then(
        () => undefined,
        (error: { code: string }) => error.code,
      )
      expect(outcome).toBe('limit.stack')
      expect(await callScript(plugin, 'ok')).toBe('alive')
    },
  )
})

test('an overflow that the plugin catches is its own business', async () => {
  await using plugin = await loadScript(
    runtime,
    `export const run = () => { const f = () => f() + 1; try { return f() } catch (caught) { return caught.message } }`,
  )
  expect(await callScript(plugin, 'run')).toBe('stack overflow')
})
