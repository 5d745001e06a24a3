// Deep recursion: in plain calls, native functions, JSON, regular expressions and the parser. Each is contained.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LoadedPlugin } from '@bulkhead/kernel'
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
  let plugin: LoadedPlugin
  beforeAll(async () => {
    plugin = await loadScript(runtime, source, { boundary })
  })

  test.each(['plain', 'getter', 'proxy', 'sort', 'json', 'parse', 'source', 'replace', 'toString'])(
    '%s ends in a typed error',
    async (action) => {
      const outcome = await callScript(plugin, action).then(
        () => undefined,
        (error: { code: string }) => error.code,
      )
      expect(outcome).toBe('limit.stack')
      expect(await callScript(plugin, 'ok')).toBe('alive')
    },
  )
})

// Each of these recurses through native functions of the interpreter, which take more of the engine's stack than of the
// interpreter's own: its bound must come first, or the plugin could not catch the error.
const recursions: Record<string, string> = {
  calls: `const f = () => (depth++, f() + 1); f()`,
  construction: `class A { constructor() { depth++; new A() } } new A()`,
  getters: `const o = { get a() { depth++; return this.a } }; o.a`,
  proxies: `const p = new Proxy({}, { get: (t, k, r) => (depth++, r[k]) }); p.x`,
  sorting: `const f = () => (depth++, [2, 1].sort(f)); f()`,
  mapping: `const f = () => (depth++, [1].map(f)); f()`,
  application: `const f = () => (depth++, Reflect.apply(f, null, [])); f()`,
  binding: `const f = () => (depth++, f.bind()()); f()`,
  iteration: `const o = { [Symbol.iterator]() { depth++; return [...o] } }; [...o]`,
  generators: `function* g() { depth++; yield* g() } [...g()]`,
  serialising: `const o = { toJSON() { depth++; return JSON.stringify(o) } }; JSON.stringify(o)`,
  comparison: `const o = { valueOf() { depth++; return o < 1 } }; o < 1`,
  conversion: `const o = { toString() { depth++; return '' + this } }; '' + o`,
  replacement: `const f = () => (depth++, 'a'.replace(/a/, f)); f()`,
  species: `class A extends Array { static get [Symbol.species]() { depth++; return new A(1).map((x) => x).constructor } } new A(1).map((x) => x)`,
  evaluation: `globalThis.h = () => (depth++, (0, eval)('h()')); h()`,
  'host calls': `const f = () => { console.log('deep'); depth++; host.call('a.b', depth).catch(() => 0); return f() + 1 }; f()`,
}

describe.each(['thread', 'inline'] as const)('an overflow is the plugin’s own business, %s', (boundary) => {
  test.each(Object.keys(recursions))('in %s', async (name) => {
    const recursion = `let depth = 0; export const run = () => { try { ${recursions[name]}; return 'no end' } catch (caught) { return [depth, caught.message] } }`
    await using plugin = await loadScript(runtime, recursion, { entry: 'a.js', boundary })
    let lines = 0
    const asked: unknown[] = []
    const [depth, message] = (await callScript(plugin, 'run', null, {
      log: () => lines++,
      dispatch: async (_name, payload) => {
        asked.push(JSON.parse(payload.json))
        return { ok: true, payload }
      },
    })) as [number, string]
    expect(message).toBe('stack overflow')
    expect(depth).toBeGreaterThan(50)
    // What was begun at whatever depth was done.
    if (name === 'host calls') expect([lines, asked[0]]).toEqual([depth, 1])
  })
})
