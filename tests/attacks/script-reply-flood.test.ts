// A script that asks for large answers again and again and never takes one: they would pile up in the host's memory.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
export const flood = () => { for (let i = 0; i < 500; i++) host.call('big.read', i).catch(() => 0); for (;;); }
export const patient = async () => (await Promise.all(Array.from({ length: 100 }, (_, i) => host.call('big.read', i)))).length
`

test.each([100_000, 4_000_000])('answers of %d bytes wait until the guest takes those before', async (length) => {
  await using plugin = await loadScript(runtime, source, { limits: { memoryBytes: 2 ** 30 } })
  let answered = 0
  const dispatch = async () => {
    answered++
    return { ok: true, payload: { json: '{"$blob":0}', blobs: [new Uint8Array(length)] } } as const
  }
  await expect(callScript(plugin, 'flood', null, { dispatch, wallMs: 1000 })).rejects.toMatchObject({
    code: 'limit.time',
  })
  expect(answered).toBeLessThanOrEqual(16)
  answered = 0
  expect(await callScript(plugin, 'patient', null, { dispatch })).toBe(100)
  expect(answered).toBe(100)
})

test('refusals of host calls at the top level do not pile up without end', async () => {
  const flood = `for (let i = 0; i < 5000; i++) host.call('a.b', 0).catch(() => 0); export const run = () => 1`
  await expect(loadScript(runtime, flood, { entry: 'a.js', limits: { hostCalls: 10 } })).rejects.toMatchObject({
    code: 'limit.host-calls',
  })
})
