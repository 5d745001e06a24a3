// The Python plugin as a process of its own, over its standard streams. Needs python3 and fails without it.

import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'
import { type BulkheadError, type Dispatch, packPayload, unpackPayload, type WireValue } from '@bulkhead/kernel'
import { openProcessPlugin, type ProcessPlugin } from '@bulkhead/protocols'
import { afterAll, beforeAll, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('..', import.meta.url))
const clock = {
  monotonic: () => performance.now(),
  after: (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms)
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}

let child: ChildProcess
let plugin: ProcessPlugin
const lines: string[] = []
const store = new Map<string, unknown>()

const dispatch: Dispatch = async (name, payload) => {
  const { key, value } = unpackPayload(payload, 'input') as { key: string; value?: unknown }
  if (name === 'kv.get') {
    return { ok: true, payload: packPayload({ found: store.has(key), value: store.get(key) ?? null }) }
  }
  if (key !== 'visits' || store.get('visits') === 2) {
    return { ok: false, error: { code: 'limit.storage', message: 'the store is full', id: 'error-7' } }
  }
  store.set(key, value)
  return { ok: true, payload: packPayload({}) }
}

let calls = 0
const call = (action: string, input: WireValue, signal?: AbortSignal): Promise<WireValue> =>
  plugin.call({
    callId: `call-${++calls}`,
    action,
    input,
    timeoutMs: 20_000,
    dispatch,
    log: (level, message) => void lines.push(`${level} ${message}`),
    ...(signal === undefined ? {} : { signal }),
  })

beforeAll(async () => {
  if (spawnSync('python3', ['--version']).status !== 0) {
    throw new Error('This test runs a plugin in Python. Install it with: apt-get install python3')
  }
  // No environment, no user site, and nothing is written beside the source.
  child = spawn('python3', ['-E', '-s', '-B', `${folder}plugin.py`], { stdio: ['pipe', 'pipe', 'inherit'], env: {} })
  if (child.stdin === null || child.stdout === null) throw new Error('python3 was started without pipes')
  plugin = await openProcessPlugin({
    streams: { readable: child.stdout, writable: child.stdin },
    clock,
    host: { name: 'bulkhead', version: '0.1.0' },
    plugin: { name: 'python-text', version: '1.0.0' },
    functions: ['kv.get', 'kv.set'],
    handshakeTimeoutMs: 20_000,
    log: () => {},
  })
})
afterAll(() => {
  plugin?.[Symbol.dispose]()
  child?.kill('SIGKILL')
})

test('it lists what it can do', async () => {
  expect(Object.keys(await plugin.listActions({ timeoutMs: 20_000 }))).toEqual(['count', 'digest', 'visit', 'wait'])
  await plugin.ping(20_000)
})

test('it counts, and logs on the call', async () => {
  expect(await call('count', { text: 'call me\nIshmael' })).toEqual({ words: 3, lines: 2 })
  expect(lines).toEqual(['info counting 15 characters'])
})

test('bytes go in and come out', async () => {
  const bytes = Uint8Array.from({ length: 300 }, (_, index) => index & 255)
  expect(await call('digest', bytes)).toEqual(new Uint8Array(createHash('sha256').update(bytes).digest()))
})

test('it uses host functions, and a host error that it lets through is known again', async () => {
  expect(await call('visit', null)).toEqual({ visits: 1 })
  expect(await call('visit', null)).toEqual({ visits: 2 })
  const error = await call('visit', null).then(
    () => undefined,
    (thrown: BulkheadError) => thrown,
  )
  expect(error).toMatchObject({
    code: 'plugin.failed',
    details: { guestCode: 'limit.storage', hostErrorId: 'error-7' },
  })
})

test('its own failures are its own', async () => {
  await expect(call('count', {})).rejects.toMatchObject({ code: 'plugin.failed', details: { guestCode: 'KeyError' } })
  await expect(call('none', {})).rejects.toMatchObject({ code: 'plugin.failed', details: { guestCode: 'LookupError' } })
})

test('many calls run at once, and a cancelled one ends', async () => {
  const controller = new AbortController()
  const waiting = call('wait', { seconds: 600 }, controller.signal)
  const counted = await Promise.all(
    Array.from({ length: 20 }, (_, words) => call('count', { text: 'a '.repeat(words) })),
  )
  expect(counted.map((output) => (output as { words: number }).words)).toEqual([...Array(20).keys()])
  controller.abort()
  await expect(waiting).rejects.toMatchObject({ code: 'call.cancelled' })
  // It heard of it, and its answer is dropped.
  await expect.poll(() => plugin.statistics.late, { timeout: 20_000 }).toBe(1)
})

test('it finishes when it is asked to', async () => {
  const exit = once(child, 'exit')
  expect(await plugin.shutdown(20_000)).toBe(true)
  expect(await exit).toEqual([0, null])
  expect(await plugin.closed).toMatchObject({ code: 'plugin.crashed' })
  expect(plugin.statistics).toMatchObject({ callsOut: 0, abandoned: 0, unsolicited: 0 })
})
