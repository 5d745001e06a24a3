// A script that hands the bridge byte strings which lie about their length: what is copied out for it lies outside its
// own memory limit, so it is counted by what it really is.

import { afterAll, expect, test } from 'vitest'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript } from '../../packages/runtimes/script/test/fixtures.ts'

const runtime = makeScriptRuntime()
afterAll(() => runtime[Symbol.asyncDispose]())

const source = `
const evil = (buffer) => { class Evil extends Uint8Array { get buffer() { return buffer } slice() { return { buffer } } } return new Evil(1) }
const flood = async (buffer) => {
  const sent = Array.from({ length: 40 }, () => host.call('a.b', evil(buffer)).then(() => 'done', (error) => error.code))
  return [...new Set(await Promise.race([Promise.all(sent), Promise.all(sent.slice(10))]))]
}
export const lie = () => {
  const buffer = new ArrayBuffer(8 << 20)
  Object.defineProperty(buffer, 'byteLength', { value: 1 })
  return flood(buffer)
}
export const lieByPrototype = () => {
  const buffer = new ArrayBuffer(8 << 20)
  Object.setPrototypeOf(buffer, { byteLength: 1 })
  Object.defineProperty(ArrayBuffer.prototype, 'byteLength', { get: () => 1 })
  return flood(buffer)
}
export const noBuffer = () => flood(new Proxy({}, { get: () => 1 }))
export const others = () => {
  const detached = new ArrayBuffer(64)
  detached.transfer?.()
  const objects = [{}, [], () => 1, new Uint8Array(9), new DataView(new ArrayBuffer(9)), new Map(), new SharedArrayBuffer(9), new Error('x'), Object.create(new ArrayBuffer(9))]
  return Promise.all([...objects, detached, null, 1, 'text'].map((one) => host.call('a.b', evil(one)).then(() => 'done', (error) => error.code ?? error.name)))
}
export const manyEmpty = () => {
  const list = Array(50_000).fill(new Uint8Array())
  return Promise.all(Array.from({ length: 4 }, () => host.call('a.b', list).then(() => 'done', (error) => error.code)))
}
`

test.each(['lie', 'lieByPrototype', 'noBuffer', 'manyEmpty'])('%s', async (action) => {
  await using plugin = await loadScript(runtime, source, { limits: { memoryBytes: 128 * 2 ** 20 } })
  let bytes = 0
  const codes = await callScript(plugin, action, null, {
    wallMs: 10_000,
    dispatch: (_name, payload) => {
      bytes += (payload.blobs ?? []).reduce((sum, blob) => sum + 256 + blob.byteLength, 0)
      return new Promise(() => undefined)
    },
  }).catch((error: { code: string }) => [error.code])
  expect(['limit.memory', 'input.too-large', 'limit.time']).toEqual(expect.arrayContaining(codes as string[]))
  expect(bytes).toBeLessThanOrEqual(32 * 2 ** 20)
})

test('nothing but a buffer is taken for bytes', async () => {
  await using plugin = await loadScript(runtime, source)
  const sizes: number[] = []
  const codes = (await callScript(plugin, 'others', null, {
    dispatch: async (_name, payload) => {
      sizes.push(...(payload.blobs ?? []).map((blob) => blob.byteLength))
      return { ok: true, payload: { json: 'null' } }
    },
  })) as string[]
  const refused = codes.filter((code) => code === 'input.too-large' || code === 'TypeError')
  expect([refused.length, codes.length - refused.length, sizes]).toEqual([12, 1, [0]])
})
