// A copy of a script serves the next call, of anybody, in the memory that it had before. Whatever a call wrote there, in
// objects, on the stack, in freed blocks, must be gone then, byte for byte; and what a copy of kept state serves for long
// must not fill its memory.

import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { defaultLimits, type Payload } from '@bulkhead/kernel'
import { lowerMemoryImport } from '@bulkhead/meter'
import { beforeAll, expect, test } from 'vitest'
import type { GuestInstance, GuestResult } from '../../packages/cell/src/driver.ts'
import { makeEngine } from '../../packages/cell/src/engine.ts'
import { MemoryStock } from '../../packages/cell/src/memory-stock.ts'
import { ModuleStore } from '../../packages/cell/src/module-store.ts'
import { makeRegisters } from '../../packages/cell/src/registers.ts'
import { Scheduler } from '../../packages/cell/src/scheduler.ts'
import { CellTask } from '../../packages/cell/src/task.ts'
import { eventLoopTimers } from '../../packages/cell/src/timers.ts'
import type { WasmMemory } from '../../packages/cell/src/web-assembly.ts'
import { driver } from '../../packages/runtimes/script/src/driver.ts'
import { minimumPages } from '../../packages/runtimes/script/src/engine/minimum-pages.ts'

const source = `
const kept = []
export const hide = (secret) => {
  kept.push(secret, new Uint8Array(Array.from(secret, (c) => c.charCodeAt(0))))
  globalThis[secret] = { [secret]: Symbol.for(secret) }
  const deep = (n) => n === 0 ? JSON.stringify([secret]) : deep(n - 1) + secret
  let freed = deep(50)
  freed = freed.repeat(2).split('').reverse().join('').toUpperCase()
  new RegExp(secret).exec(freed)
  setTimeout(() => kept.push(secret), 1e6)
  host.call('a.b', secret).catch(() => 0)
  new WeakRef({ secret })
  new FinalizationRegistry(() => 0).register({}, secret)
  new Promise(() => secret)
  return Math.random()
}
export const work = async (input) => {
  const answer = await host.call('a.b', [input, new Uint8Array(100)])
  await new Promise((done) => setTimeout(done, 0))
  console.log(input, 'x'.repeat(50) + input)
  try { null.x } catch {}
  return [answer, btoa(input), new URL('https://a.example/' + input).href, new Uint8Array(10)]
}
export const light = () => 1
export const fill = (bytes) => new Uint8Array(bytes).fill(1).length
export const fail = (secret) => { throw new TypeError('no ' + secret) }
`

const quickjs = createRequire(new URL('../../packages/runtimes/script/src/driver.ts', import.meta.url)).resolve(
  '@jitl/quickjs-wasmfile-release-sync/wasm',
)
let interpreter: Uint8Array
beforeAll(async () => {
  interpreter = lowerMemoryImport(await readFile(quickjs), minimumPages)
})

const makeTask = (): CellTask => new CellTask(1, { cpuMs: 60_000, wallDeadlineMs: performance.now() + 60_000 })

/** The driver over an engine of its own, which shows the memories that are made. */
const openGuest = async () => {
  const registers = makeRegisters()
  const scheduler = new Scheduler(registers, (run) => void setImmediate(run))
  const timers = eventLoopTimers
  const stock = new MemoryStock({ timers, noteDiscarded: () => undefined })
  const parts = { registers, scheduler, timers, modules: new ModuleStore(), memories: stock }
  const engine = makeEngine(parts, { limits: defaultLimits })
  const memories: WasmMemory[] = []
  const watching = {
    ...engine,
    memory: (least: number, most: number) => {
      const memory = engine.memory(least, most)
      memories.push(memory)
      return memory
    },
  }
  const artifact = {
    ...{ name: 'sample', digest: '0', entry: 'a.js', bytes: new TextEncoder().encode(source) },
    ...{ modules: [{ name: 'quickjs', bytes: interpreter }], config: {}, functions: [], limits: defaultLimits },
    ...{ isolation: 'per-call' as const, extra: { areas: [] } },
  }
  const guest = await driver.load(artifact, watching, { task: makeTask(), log: () => undefined })
  const instance = await guest.open(makeTask())
  const memory = memories.at(-1)
  if (memory === undefined) throw new Error('no memory was made')
  const openNext = async (): Promise<{ instance: GuestInstance; memory: WasmMemory | undefined }> => ({
    instance: await guest.open(makeTask()),
    memory: memories.at(-1),
  })
  return { instance, memory, openNext, stock }
}

const call = async (instance: GuestInstance, action: string, input: unknown): Promise<GuestResult> =>
  instance.call({
    action,
    contextKey: 'k',
    input: { kind: 'value', payload: { json: JSON.stringify(input) } },
    output: 'value',
    dispatch: async (_name: string, payload: Payload) => ({ ok: true, payload }),
    log: () => undefined,
    signal: new AbortController().signal,
    task: makeTask(),
  })

const bytesOf = (memory: WasmMemory): Buffer => Buffer.from(Buffer.from(memory.buffer))

test('what a call wrote is gone, byte for byte', async () => {
  const { instance, memory } = await openGuest()
  const first = bytesOf(memory)
  const secret = 'Zq7!tide-table-under-the-keel'
  await call(instance, 'hide', secret)
  expect(bytesOf(memory).includes(secret)).toBe(true)
  expect(instance.reset()).toBeGreaterThan(0)
  const again = bytesOf(memory)
  expect(again.length).toBe(first.length)
  for (const shown of [secret, [...secret].reverse().join('').toUpperCase()]) {
    expect(again.includes(shown)).toBe(false)
    expect(again.includes(Buffer.from(shown, 'utf16le'))).toBe(false)
  }
  // Only the state of its random numbers differs, 64 bits.
  const differing = [...again.keys()].filter((at) => again[at] !== first[at])
  expect(differing.length).toBeGreaterThan(0)
  expect((differing.at(-1) ?? 0) - (differing[0] ?? 0)).toBeLessThan(8)
})

test.each(['hide', 'fail'])('nor is it in the memory when a later copy gets it, after: %s', async (action) => {
  const { instance, memory, openNext, stock } = await openGuest()
  using _stock = stock
  const first = bytesOf(memory)
  const secret = 'Zq7!tide-table-under-the-keel'
  await call(instance, action, secret).catch(() => undefined)
  expect(bytesOf(memory).includes(secret)).toBe(true)
  instance[Symbol.dispose]()
  const next = await openNext()
  expect(next.memory).toBe(memory)
  const again = bytesOf(memory)
  const differing = [...again.keys()].filter((at) => again[at] !== first[at])
  expect(differing.length).toBeGreaterThan(0)
  expect((differing.at(-1) ?? 0) - (differing[0] ?? 0)).toBeLessThan(8)
})

test('no later copy gets the memory of one that is dropped while a call of it is under way', async () => {
  const { instance, memory, openNext, stock } = await openGuest()
  using _stock = stock
  void call(instance, 'work', 'crew').catch(() => undefined)
  instance[Symbol.dispose]()
  expect((await openNext()).memory).not.toBe(memory)
})

test('a copy that is disposed touches its memory no more, and gives it up once', async () => {
  const { instance, memory, openNext, stock } = await openGuest()
  using _stock = stock
  instance[Symbol.dispose]()
  expect((await openNext()).memory).toBe(memory)
  const before = bytesOf(memory)
  await expect(call(instance, 'light', null)).rejects.toThrow('disposed')
  expect(instance.reset()).toBeUndefined()
  instance[Symbol.dispose]()
  expect(bytesOf(memory).equals(before)).toBe(true)
  expect((await openNext()).memory).not.toBe(memory)
})

test('a copy that failed or grew is not put back', async () => {
  const failed = await openGuest()
  await expect(call(failed.instance, 'fail', null)).rejects.toMatchObject({ code: 'plugin.failed' })
  expect(failed.instance.reset()).toBeUndefined()
  const grown = await openGuest()
  await call(grown.instance, 'fill', 4 << 20)
  expect(grown.instance.reset()).toBeUndefined()
})

test('kept state does not fill its memory with what calls leave behind', async () => {
  const { instance } = await openGuest()
  const run = async (action: string, turns: number): Promise<number> => {
    for (let turn = 0; turn < turns; turn++) await call(instance, action, 'crew')
    return instance.memoryBytes()
  }
  await run('work', 2000)
  const settled = await run('light', 1000)
  expect(await run('light', 100_000)).toBe(settled)
  expect(await run('work', 1000)).toBe(settled)
})
