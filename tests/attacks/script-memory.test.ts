// Scripts that take all memory they can get: in objects, in byte strings, in what they make the host hold for them.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, dispatchOver, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())
const MiB = 2 ** 20
const limits = { memoryBytes: 32 * MiB, outputBytes: MiB }

const source = `
export const ok = () => 'alive'
export const objects = () => { const all = []; for (;;) all.push({ all }) }
export const bytes = () => { const all = []; for (;;) all.push(new Uint8Array(1 << 20)) }
export const text = () => { let text = 'x'; for (;;) text = (text + 'y').repeat(2).toUpperCase() }
export const caught = () => { const all = []; for (;;) { try { for (;;) all.push(new Uint8Array(1 << 16)) } catch { all.push([all]) ; if (all.length > 1e6) all.length = 0; all.push(new Array(1000).fill({})) } } }
export const timers = () => { for (;;) setTimeout(() => {}, 1e6) }
export const logs = () => { for (let i = 0; i < 12000; i++) console.log('x'.repeat(10000)); return 1 }
export const sends = () => { for (;;) host.call('a.b', 'x'.repeat(1 << 19)).catch(() => 0) }
export const manySends = () => { for (;;) host.call('a.b', 1).catch(() => 0) }
export const output = () => 'x'.repeat(3 << 20)
export const outputBytes = () => new Uint8Array(3 << 20)
export const echo = (input) => input.length
`

const settle = async (): Promise<number> => {
  await new Promise((resolve) => setTimeout(resolve, 50))
  return process.memoryUsage.rss()
}

test.each(['objects', 'bytes', 'text'])('%s end with the memory limit, and the process stays small', async (action) => {
  await using plugin = await loadScript(runtime, source, { limits })
  const before = await settle()
  await expect(callScript(plugin, action)).rejects.toMatchObject({ code: 'limit.memory' })
  expect((await settle()) - before).toBeLessThan(150 * MiB)
  expect(await callScript(plugin, 'ok')).toBe('alive')
})

test('one that catches the error and goes on is ended as well', async () => {
  await using plugin = await loadScript(runtime, source, { limits })
  const before = await settle()
  await expect(callScript(plugin, 'caught', null, { wallMs: 1500 })).rejects.toMatchObject({
    code: expect.stringMatching(/^limit\.(?:memory|time)$/),
  })
  expect((await settle()) - before).toBeLessThan(150 * MiB)
  expect(await callScript(plugin, 'ok')).toBe('alive')
})

test('what the cell holds for a guest is bounded: timers, log lines, host calls', async () => {
  await using plugin = await loadScript(runtime, source, { limits: { ...limits, hostCalls: 100 } })
  const before = await settle()
  let lines = 0
  await expect(callScript(plugin, 'timers')).rejects.toMatchObject({ code: 'plugin.failed' })
  expect(await callScript(plugin, 'logs', null, { log: () => lines++ })).toBe(1)
  expect(lines).toBeLessThanOrEqual(10_001)
  const dispatch = dispatchOver({ 'a.b': () => new Promise(() => {}) })
  const some = { dispatch, limits: { hostCalls: 100 } }
  // The interpreter lets it make a thousand more than it may: half a GiB, were they all kept.
  await expect(callScript(plugin, 'sends', null, some)).rejects.toMatchObject({
    code: expect.stringMatching(/^limit\./),
  })
  await expect(callScript(plugin, 'manySends', null, some)).rejects.toMatchObject({ code: 'limit.host-calls' })
  expect((await settle()) - before).toBeLessThan(300 * MiB)
})

test.each(['output', 'outputBytes'])('%s beyond the limit is not even copied out', async (action) => {
  await using plugin = await loadScript(runtime, source, { limits })
  await expect(callScript(plugin, action)).rejects.toMatchObject({ code: 'limit.output' })
})

test('an input that does not fit is refused, not written over the guest’s memory', async () => {
  await using plugin = await loadScript(runtime, source, { limits })
  await expect(callScript(plugin, 'echo', 'x'.repeat(40 * MiB))).rejects.toMatchObject({ code: 'limit.memory' })
  expect(await callScript(plugin, 'echo', 'x'.repeat(MiB))).toBe(MiB)
})

test('a limit below what the interpreter needs is said at load', async () => {
  await expect(loadScript(runtime, source, { limits: { memoryBytes: MiB / 2 } })).rejects.toMatchObject({
    code: 'limit.memory',
  })
})
