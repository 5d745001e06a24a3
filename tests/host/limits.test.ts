// Every limit through the public library: the call that hits it ends with its own code and a hint that names it, the
// figure that it bounds is told, and the plugin and its neighbours go on.

import { type BulkheadError, type CallOptions, type ErrorCode, type Host, limitNames, limitSpecs } from '@bulkhead/host'
import { expect, test } from 'vitest'
import { openLimitedHost } from '../support/limited.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

const KiB = 1024
const MiB = 1024 * KiB

/** Calls, expects the code, and that the next call of the plugin, and another plugin, are answered. */
const hits = async (
  host: Host,
  code: ErrorCode,
  call: { readonly action: string; readonly input?: unknown; readonly options?: CallOptions; readonly plugin?: string },
): Promise<BulkheadError> => {
  const { plugin = 'tool', action, input, options } = call
  const outcome =
    plugin === 'tool'
      ? host.call(plugin, action, input, options)
      : host.invokeRaw(plugin, action, new Uint8Array(), options)
  const error = (await outcome.then(
    () => expect.unreachable('the call was answered'),
    (thrown: unknown) => thrown,
  )) as BulkheadError
  expect(error).toMatchObject({ code })
  const name = limitNames.find((candidate) => {
    const spec = limitSpecs[candidate]
    return 'code' in spec && spec.code === code
  })
  const raises = options?.timeoutMs === undefined ? `--limit ${name}=` : 'raise --timeout'
  if (name !== undefined) expect(error.hint).toContain(raises)
  expect(await host.call('tool', 'ping')).toBe('pong')
  expect(await host.invokeRaw('module', 'ping', new Uint8Array())).toMatchObject({ output: new Uint8Array() })
  return error
}

test.each([
  ['tool', 'hoard'],
  ['module', 'grow'],
])('memory: %s.%s', async (plugin, action) => {
  await using open = await openLimitedHost({ limits: { memoryBytes: 24 * MiB } })
  await hits(open.host, 'limit.memory', { plugin, action })
  const { metrics } = await open.host.invoke('tool', 'ping')
  expect(metrics.memoryBytes).toBeGreaterThan(0)
  expect(metrics.memoryBytes).toBeLessThanOrEqual(24 * MiB)
})

test.each([
  ['tool', 'spin'],
  ['tool', 'sort'],
  ['module', 'spin'],
])('CPU time: %s.%s', async (plugin, action) => {
  await using open = await openLimitedHost({ limits: { cpuMs: 150, wallMs: 30_000 } })
  await hits(open.host, 'limit.cpu', { plugin, action })
})

test('CPU time is told, and does not grow while the plugin waits', async () => {
  await using open = await openLimitedHost({ limits: { cpuMs: 10_000 } })
  const busy = await open.host.invoke('tool', 'work', 200_000)
  const idle = await open.host.invoke('tool', 'wait', 300)
  expect(busy.metrics.cpuMs).toBeGreaterThan(1)
  expect(idle.metrics.callMs).toBeGreaterThanOrEqual(300)
  expect(idle.metrics.cpuMs).toBeLessThan(200)
})

test('wall-clock time: a plugin that loops, and one that sleeps of its own accord', async () => {
  await using open = await openLimitedHost({ limits: { wallMs: 1000 } })
  await hits(open.host, 'limit.time', { action: 'spin' })
  await hits(open.host, 'limit.time', { action: 'sleep', input: 5000 })
  await hits(open.host, 'limit.time', { plugin: 'module', action: 'spin' })
})

test('waiting for a host function is the fault of neither time limit', async () => {
  await using open = await openLimitedHost({ limits: { wallMs: 1000, cpuMs: 1000 } })
  expect(await open.host.call('tool', 'wait', 1500)).toBe('waited')
  await hits(open.host, 'limit.time', { action: 'sleep', input: 1500 })
})

test('waiting for a host function counts for the caller’s patience', async () => {
  await using open = await openLimitedHost()
  const error = await hits(open.host, 'limit.time', { action: 'wait', input: 5000, options: { timeoutMs: 300 } })
  expect(error.message).toContain('300')
})

test('the time of one host call', async () => {
  await using open = await openLimitedHost({ limits: { hostCallMs: 150 } })
  await hits(open.host, 'limit.host-call-time', { action: 'wait', input: 30_000 })
})

test('fuel: the same amount for the same work, and an end where it runs out', async () => {
  await using open = await openLimitedHost({ limits: { fuel: 50_000_000 } })
  const used = async () => (await open.host.invokeRaw('module', 'work', new Uint8Array())).metrics.fuelUsed
  const first = await used()
  expect(first).toBeGreaterThan(100_000)
  expect(await used()).toBe(first)
  await hits(open.host, 'limit.fuel', { plugin: 'module', action: 'spin' })
  await hits(open.host, 'limit.fuel', { action: 'spin' })
  const least = { limits: { fuel: (first ?? 0) - 1 } }
  await hits(open.host, 'limit.fuel', { plugin: 'module', action: 'work', options: least })
  const enough = { limits: { fuel: first ?? 0 } }
  expect(await open.host.invokeRaw('module', 'work', new Uint8Array(), enough)).toBeDefined()
})

test('what fuel a script takes is what its page says', async () => {
  await using open = await openLimitedHost({ limits: { fuel: 10 ** 11 } })
  const used = async (input: number) => (await open.host.invoke('tool', 'work', input)).metrics.fuelUsed ?? 0
  const least = await used(0)
  expect(least / 240_000).toBeGreaterThan(1 / 3)
  expect(least / 240_000).toBeLessThan(3)
  const turn = ((await used(1000)) - least) / 1000
  expect(turn / 1500).toBeGreaterThan(1 / 3)
  expect(turn / 1500).toBeLessThan(3)
})

test('fuel and CPU time can be tightened for one call, the one only where it is counted', async () => {
  await using open = await openLimitedHost({ limits: { cpuMs: 20_000 } })
  await hits(open.host, 'limit.cpu', { action: 'spin', options: { limits: { cpuMs: 100 } } })
  await hits(open.host, 'limit.cpu', { plugin: 'module', action: 'spin', options: { limits: { cpuMs: 100 } } })
  await hits(open.host, 'usage.invalid', { action: 'ping', options: { limits: { fuel: 10 } } })
})

test('stack', async () => {
  await using open = await openLimitedHost()
  await hits(open.host, 'limit.stack', { action: 'recurse' })
  await hits(open.host, 'limit.stack', { plugin: 'module', action: 'recurse' })
})

test('output', async () => {
  await using open = await openLimitedHost({ limits: { outputBytes: 100 * KiB } })
  await hits(open.host, 'limit.output', { action: 'flood', input: 200_000 })
  await hits(open.host, 'limit.output', { action: 'flood', input: 5000, options: { limits: { outputBytes: KiB } } })
  const { metrics } = await open.host.invoke('tool', 'flood', 5000)
  expect(metrics.outputBytes).toBe(5002)
})

test('number of host calls', async () => {
  await using open = await openLimitedHost({ limits: { hostCalls: 10 } })
  await hits(open.host, 'limit.host-calls', { action: 'many', input: 11 })
  expect((await open.host.invoke('tool', 'many', 10)).metrics.hostCalls).toBe(10)
})

test('concurrency: as many as may run do, a bounded number waits, the rest is refused', async () => {
  await using open = await openLimitedHost({ limits: { concurrency: 2 } })
  const calls = Array.from({ length: 5000 }, () => open.host.call('tool', 'wait', 1))
  const outcomes = await Promise.allSettled(calls)
  const codes = outcomes.flatMap((outcome) =>
    outcome.status === 'rejected' ? [(outcome.reason as BulkheadError).code] : [],
  )
  expect(new Set(codes)).toEqual(new Set(['limit.concurrency']))
  expect(codes.length).toBeLessThan(5000)
  await open.host.call('tool', 'ping')
})

test('file size, read and written', async () => {
  await using open = await openLimitedHost({ limits: { fileSizeBytes: 10 * KiB } })
  await open.workspace.write('big.bin', new Uint8Array(11 * KiB))
  await open.workspace.write('small.bin', new Uint8Array(9 * KiB))
  await hits(open.host, 'limit.file-size', { action: 'read', input: './big.bin' })
  await hits(open.host, 'limit.file-size', { action: 'write', input: 11 * KiB })
  const { metrics } = await open.host.invoke('tool', 'read', './small.bin')
  expect(metrics.fileBytes).toBe(9 * KiB)
})

test('network: one response, one call, one day', async () => {
  await using server = await openLoopbackServer((request, response) =>
    response.end(Buffer.alloc(Number(request.url?.slice(1)) * KiB)),
  )
  const limits = { httpResponseBytes: 40 * KiB, networkBytes: 30 * KiB, networkDailyBytes: 150 * KiB }
  // An address of this machine must be named by its grant.
  const grants = { tool: [`network:GET ${server.origin}/*`, 'test.*'] }
  const fetched = (kib: number) => ({ action: 'fetch', input: `${server.origin}/${kib}` })
  await using open = await openLimitedHost({ limits, grants })
  {
    await using roomy = await openLimitedHost({ limits: { httpResponseBytes: 40 * KiB }, grants })
    await hits(roomy.host, 'limit.http-response', fetched(50))
    const { metrics } = await roomy.host.invoke('tool', 'fetch', `${server.origin}/20`)
    expect(metrics.networkBytes).toBeGreaterThan(20 * KiB)
    expect(metrics.networkBytes).toBeLessThan(22 * KiB)
  }
  await hits(open.host, 'limit.network', fetched(35))
  for (let turn = 0; turn < 5; turn++) await open.host.call('tool', 'fetch', `${server.origin}/20`)
  await hits(open.host, 'limit.network-daily', fetched(29))
  // The day is counted in the state folder, whoever opens it.
  await open.host[Symbol.asyncDispose]()
  await using later = await open.again()
  await hits(later, 'limit.network-daily', fetched(29))
})

test('storage', async () => {
  await using open = await openLimitedHost({ limits: { storageBytes: 10 * KiB } })
  await hits(open.host, 'limit.storage', { action: 'store', input: 11 * KiB })
  const { metrics } = await open.host.invoke('tool', 'store', 5 * KiB)
  expect(metrics.storageBytes).toBeGreaterThan(5 * KiB)
})

test('rate', async () => {
  await using open = await openLimitedHost({ plugins: { tool: { limits: { ratePerSecond: 3 } } } })
  const outcomes = await Promise.allSettled(Array.from({ length: 9 }, () => open.host.call('tool', 'ping')))
  const refused = outcomes.find((outcome) => outcome.status === 'rejected')
  expect(refused?.reason).toMatchObject({ code: 'limit.rate', details: { retryAfterMs: expect.any(Number) as number } })
  // The other plugin has no such limit.
  for (let turn = 0; turn < 9; turn++) await open.host.invokeRaw('module', 'ping', new Uint8Array())
})

test('a limit stands for one plugin, and its manifest asks for less', async () => {
  await using open = await openLimitedHost(
    { limits: { cpuMs: 1000, outputBytes: MiB }, plugins: { tool: { limits: { cpuMs: 5000, fuel: 10 ** 9 } } } },
    'limits: { cpu: 4s, networkDaily: 1GiB }',
  )
  expect(open.host.getPluginStatus('tool').limits).toMatchObject({
    cpuMs: 4000,
    fuel: 10 ** 9,
    outputBytes: MiB,
    networkDailyBytes: 1024 * MiB,
  })
  expect(open.host.getPluginStatus('module').limits).toMatchObject({ cpuMs: 1000, fuel: undefined })
})

test('how often each limit was hit is counted', async () => {
  await using open = await openLimitedHost({ limits: { hostCalls: 1, outputBytes: KiB } })
  await open.host.call('tool', 'many', 2).catch(() => {})
  await open.host.call('tool', 'many', 2).catch(() => {})
  await open.host.call('tool', 'flood', 9999).catch(() => {})
  await open.host.call('tool', 'nothing of the kind').catch(() => {})
  expect(open.host.getPluginStatus('tool').limitHits).toEqual({ 'limit.host-calls': 2, 'limit.output': 1 })
})

test('a limit that ends one call ends no other of the plugin’s', async () => {
  await using open = await openLimitedHost({ limits: { cpuMs: 300, wallMs: 20_000 } })
  const beside = Array.from({ length: 6 }, () => open.host.call('tool', 'wait', 700))
  await hits(open.host, 'limit.cpu', { action: 'spin' })
  await hits(open.host, 'limit.cpu', { plugin: 'module', action: 'spin' })
  expect(await Promise.all(beside)).toEqual(Array.from({ length: 6 }, () => 'waited'))
})

test('parts of WebAssembly are the operator’s to turn on', async () => {
  // (module (memory i64 1) (func (export "go") (result i32) (i32.const 0)))
  const wide = Uint8Array.from([
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 127, 3, 2, 1, 0, 5, 3, 1, 4, 1, 7, 6, 1, 2, 103, 111, 0, 0],
    ...[10, 6, 1, 4, 0, 65, 0, 11],
  ])
  await using open = await openLimitedHost()
  await open.workspace.write('plugins/wide.wasm', wide)
  await using off = await open.again({})
  await expect(off.invokeRaw('wide', 'go', new Uint8Array())).rejects.toMatchObject({
    code: 'artifact.feature',
    hint: expect.stringContaining('policy.features') as string,
  })
  await using on = await open.again({ plugins: { wide: { features: { memory64: true } } } })
  expect((await on.invokeRaw('wide', 'go', new Uint8Array())).output).toEqual(new Uint8Array())
})
