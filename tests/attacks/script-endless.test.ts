// Scripts that never end, in their own code and inside native functions of the interpreter. Each ends with the wall
// limit, and the next call of the same plugin is answered.

import { afterAll, beforeAll, expect, test } from 'vitest'
import type { LoadedPlugin } from '@bulkhead/kernel'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
export const ok = () => 'alive'
export const loop = () => { for (;;) {} }
export const search = () => new Array(2 ** 31).indexOf(1)
export const compare = () => { const big = Array.from({ length: 3e5 }, (_, i) => i); big.sort(() => { for (let i = 0; i < 1e5; i++); return Math.random() - 0.5 }); return 1 }
export const regex = () => /^(a+)+$/.test('a'.repeat(40) + '!')
export const caught = () => { for (;;) { try { for (;;) {} } catch {} finally { for (;;) {} } } }
export const jobs = async () => { for (;;) await null }
export const proxy = () => { const p = new Proxy({}, { ownKeys: () => { for (;;) {} } }); return p }
export const late = () => ({ toJSON() { for (;;) {} } })
export const ticks = () => new Promise(() => { setInterval(() => {}, 0) })
`

let plugin: LoadedPlugin
beforeAll(async () => {
  plugin = await loadScript(runtime, source)
})

test.each(['loop', 'search', 'compare', 'regex', 'caught', 'jobs', 'proxy', 'late', 'ticks'])(
  '%s ends with the wall limit',
  async (action) => {
    await expect(callScript(plugin, action, null, { wallMs: 300 })).rejects.toMatchObject({ code: 'limit.time' })
    expect(await callScript(plugin, 'ok')).toBe('alive')
  },
)

test('a module that never ends while it loads is refused', async () => {
  await expect(
    loadScript(runtime, `export const a = 1; for (;;) {}`, { limits: { wallMs: 300 } }),
  ).rejects.toMatchObject({ code: 'limit.time' })
})

test('a promise that nothing will settle is a failure at once, not after the limit', async () => {
  await using alone = await loadScript(runtime, `export const run = () => new Promise(() => {})`)
  await expect(callScript(alone, 'run')).rejects.toMatchObject({
    code: 'plugin.failed',
    message: expect.stringContaining('nothing will settle'),
  })
})

test('inline, where no thread can be ended, the interpreter stops its own loops', async () => {
  await using alone = await loadScript(runtime, source, { boundary: 'inline', limits: { wallMs: 200 } })
  await expect(callScript(alone, 'loop', null, { wallMs: 500 })).rejects.toMatchObject({ code: 'limit.time' })
  expect(await callScript(alone, 'ok')).toBe('alive')
})
