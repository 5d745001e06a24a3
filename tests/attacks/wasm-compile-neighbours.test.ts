// A large module is compiled, in one piece, on a thread where calls of others pass their deadlines. The thread is not stuck: a
// neighbour that waits for an answer there keeps its call.

import { afterAll, expect, test } from 'vitest'
import { openCells } from '@bulkhead/cell'
import { defaultLimits } from '@bulkhead/kernel'
import { makeScriptRuntime } from '../../packages/runtimes/script/src/runtime.ts'
import { callScript, loadScript, makeManifest } from '../../packages/runtimes/script/test/fixtures.ts'
import { makeWasmRuntime } from '../../packages/runtimes/wasm/src/runtime.ts'

const cells = openCells({ threads: 1 })
const scripts = makeScriptRuntime(cells)
const wasm = makeWasmRuntime(cells)
afterAll(async () => {
  await scripts[Symbol.asyncDispose]()
  await wasm[Symbol.asyncDispose]()
  await cells[Symbol.asyncDispose]()
})

const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)])
const section = (id: number, body: Uint8Array): Buffer => Buffer.concat([Buffer.from([id, ...leb(body.length)]), body])

/** A module of many functions, each of which counts a local up in so many steps. */
const largeModule = (functions: number, steps: number): Uint8Array => {
  const step = Buffer.from([0x20, 0, 0x41, 1, 0x6a, 0x21, 0])
  const code = Buffer.concat([Buffer.from([1, 1, 0x7f]), ...Array<Buffer>(steps).fill(step), Buffer.from([0x0b])])
  const body = Buffer.concat([Buffer.from(leb(code.length)), code])
  const count = leb(functions)
  return Buffer.concat([
    Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]),
    section(1, Buffer.from([1, 0x60, 0, 0])),
    section(3, Buffer.from([...count, ...Array<number>(functions).fill(0)])),
    section(7, Buffer.from([1, 3, 0x72, 0x75, 0x6e, 0, 0])),
    section(10, Buffer.concat([Buffer.from(count), ...Array<Buffer>(functions).fill(body)])),
  ])
}

test('a neighbour keeps its call', async () => {
  const count = 12
  const loops = await loadScript(scripts, `export const loop = () => { for (;;); }`, {
    entry: 'a.js',
    limits: { concurrency: count },
  })
  const victim = await loadScript(scripts, `export const wait = () => host.call('a.b', {})`, { entry: 'a.js' })
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<{ ok: true; payload: { json: string } }>()
  const dispatch = (): typeof answer.promise => {
    asked.resolve()
    return answer.promise
  }
  const waiting = callScript(victim, 'wait', null, { dispatch }).catch((error: { code: string }) => error.code)
  await asked.promise
  const manifest = makeManifest()
  const loading = wasm.load(
    {
      manifest: { ...manifest, execution: { ...manifest.execution, tier: 'wasm' } },
      digest: 'large',
      entry: 'main.wasm',
      entryBytes: largeModule(400, 3000),
      modules: [],
    },
    { boundary: 'thread', domain: 'test', limits: defaultLimits, config: {}, functions: [], log: () => undefined },
  )
  // Some of them end while it is compiled, whenever that is.
  const ended = Array.from({ length: count }, (_, index) =>
    callScript(loops, 'loop', null, { wallMs: 100 + 150 * index }).catch((error: { code: string }) => error.code),
  )
  expect(new Set(await Promise.all(ended))).toEqual(new Set(['limit.time']))
  await using _large = await loading
  answer.resolve({ ok: true, payload: { json: '"answer"' } })
  expect(await waiting).toBe('answer')
})
