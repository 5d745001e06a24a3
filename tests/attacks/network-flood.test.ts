// A plugin that may reach a server tries to move more bytes than its limits: in one go, in many requests, at once, in
// heads, through redirects, packed, and day after day in ever new calls.

import { gzipSync } from 'node:zlib'
import { type BulkheadError, usageOf } from '@bulkhead/kernel'
import { makeMemoryLedger, openDialer, type TrafficLedger } from '@bulkhead/net'
import { makeHttpFunctions } from '@bulkhead/service-http'
import { expect, test } from 'vitest'
import { openDoor } from '../support/door.ts'
import { openLoopbackServer } from '../support/loopback-server.ts'

const KiB = 1024

const setUp = async () => {
  const server = await openLoopbackServer((request, response) => {
    const size = Number(new URL(request.url ?? '', 'http://x').searchParams.get('size') ?? 0)
    if (request.url?.startsWith('/hop') === true) {
      const next = Number(request.url.slice(4)) + 1
      return void response.writeHead(302, { location: `/hop${next}` }).end('x'.repeat(8 * KiB))
    }
    if (request.url?.startsWith('/packed') === true) {
      return void response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(size)))
    }
    request.resume().once('end', () => response.end(Buffer.alloc(size)))
  })
  const dialer = openDialer()
  const stop = async (): Promise<void> => {
    await dialer[Symbol.asyncDispose]()
    await server[Symbol.asyncDispose]()
  }
  const door = (
    limits: { networkBytes?: number; networkDailyBytes?: number },
    options: { ledger?: TrafficLedger; principal?: string } = {},
  ) => {
    const { ledger = makeMemoryLedger(), principal = 'file:/test#plugin' } = options
    return openDoor({
      functions: makeHttpFunctions({ dialer, version: '0', ledger }),
      grants: [`network:${server.origin}`],
      limits,
      principal,
    })
  }
  const get = (path: string) => ({ url: `${server.origin}${path}` })
  return { server, door, get, [Symbol.asyncDispose]: stop }
}

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (error: BulkheadError) => error.code,
  )

test('one response of more than the limit ends, and nothing more leaves in that call', async () => {
  await using at = await setUp()
  const { call, refused, context } = at.door({ networkBytes: 100 * KiB })
  expect(await refused('http.request', at.get(`/?size=${4096 * KiB}`))).toMatchObject({
    code: 'limit.network',
    details: { limitBytes: 100 * KiB },
  })
  const seen = at.server.requests.length
  expect(await codeOf(call('http.request', at.get('/')))).toBe('limit.network')
  expect(at.server.requests).toHaveLength(seen)
  // The piece on its way was counted; the rest was not read.
  expect(usageOf(context).networkBytes).toBeLessThan(600 * KiB)
})

test('many small requests count together, and so do those that run at once', async () => {
  await using at = await setUp()
  const { call, context } = at.door({ networkBytes: 100 * KiB })
  const outcomes = await Promise.all(
    Array.from({ length: 30 }, () => codeOf(call('http.request', at.get(`/?size=${10 * KiB}`)))),
  )
  const done = outcomes.filter((outcome) => outcome === 'ok').length
  expect(done).toBeLessThanOrEqual(9)
  expect(new Set(outcomes)).toEqual(new Set(['ok', 'limit.network']))
  expect(usageOf(context).networkBytes).toBeGreaterThan(90 * KiB)
  expect(await codeOf(at.door({ networkBytes: 100 * KiB }).call('http.request', at.get('/')))).toBe('ok')
})

test('what is sent counts, bodies and heads, and is not sent when it is too much', async () => {
  await using at = await setUp()
  const limits = { networkBytes: 20 * KiB }
  const body = 'x'.repeat(30 * KiB)
  const first = at.door(limits)
  expect(await codeOf(first.call('http.request', { ...at.get('/'), method: 'POST', text: body }))).toBe('limit.network')
  expect(usageOf(first.context).networkBytes).toBe(0)
  const headers = { 'x-data': 'y'.repeat(25 * KiB) }
  expect(await codeOf(at.door(limits).call('http.request', { ...at.get('/'), headers }))).toBe('limit.network')
  expect(at.server.requests).toHaveLength(0)
  const { call } = at.door(limits)
  const outcomes: string[] = []
  for (let turn = 0; turn < 5; turn++) {
    outcomes.push(await codeOf(call('http.request', { ...at.get('/'), method: 'POST', text: 'x'.repeat(6 * KiB) })))
  }
  expect(outcomes).toEqual(['ok', 'ok', 'ok', 'limit.network', 'limit.network'])
})

test('every hop of a redirect counts, with the body that nobody reads', async () => {
  await using at = await setUp()
  expect(await codeOf(at.door({ networkBytes: 40 * KiB }).call('http.request', at.get('/hop0')))).toBe('limit.network')
  expect(at.server.requests.length).toBeLessThan(8)
})

test('bytes count as they travel: packed', async () => {
  await using at = await setUp()
  const { call, context } = at.door({ networkBytes: 100 * KiB })
  expect(await codeOf(call('http.request', at.get(`/packed?size=${4096 * KiB}`)))).toBe('ok')
  expect(usageOf(context).networkBytes).toBeLessThan(20 * KiB)
})

test('the quota of a day holds over calls, for each principal apart, until the day ends', async () => {
  await using at = await setUp()
  let now = 20_000 * 86_400_000
  const ledger = makeMemoryLedger(() => now)
  const limits = { networkDailyBytes: 100 * KiB }
  const outcomes: string[] = []
  for (let turn = 0; turn < 15; turn++) {
    outcomes.push(await codeOf(at.door(limits, { ledger }).call('http.request', at.get(`/?size=${10 * KiB}`))))
  }
  expect(outcomes.indexOf('limit.network-daily')).toBe(9)
  expect(outcomes.slice(9).every((outcome) => outcome === 'limit.network-daily')).toBe(true)
  const other = at.door(limits, { ledger, principal: 'file:/other#plugin' })
  expect(await codeOf(other.call('http.request', at.get(`/?size=${10 * KiB}`)))).toBe('ok')
  now += 86_400_000
  expect(await codeOf(at.door(limits, { ledger }).call('http.request', at.get(`/?size=${10 * KiB}`)))).toBe('ok')
})

test('what came beyond a limit counts for the day: the same cannot come again and again', async () => {
  await using at = await setUp()
  const ledger = makeMemoryLedger()
  const get = (kib: number, limits: { networkBytes?: number; networkDailyBytes: number }) =>
    codeOf(at.door(limits, { ledger }).call('http.request', at.get(`/?size=${kib * KiB}`)))
  expect(await get(60, { networkDailyBytes: 100 * KiB })).toBe('ok')
  expect(await get(60, { networkDailyBytes: 100 * KiB })).toBe('limit.network-daily')
  expect(await get(20, { networkDailyBytes: 100 * KiB })).toBe('limit.network-daily')
  // Cut off by the limit of the call, it came all the same.
  expect(await get(50, { networkDailyBytes: 160 * KiB, networkBytes: 10 * KiB })).toBe('limit.network')
  expect(await get(20, { networkDailyBytes: 160 * KiB })).toBe('limit.network-daily')
})

test('requests at once share what is left of the day, and what one only held comes back', async () => {
  await using at = await setUp()
  const ledger = makeMemoryLedger()
  const limits = { networkDailyBytes: 1024 * KiB }
  const { call } = at.door(limits, { ledger })
  const first = await Promise.all(
    Array.from({ length: 20 }, () => codeOf(call('http.request', at.get(`/?size=${20 * KiB}`)))),
  )
  expect(first.every((outcome) => outcome === 'ok')).toBe(true)
  const used =
    1024 * KiB -
    (await ledger.take('file:/test#plugin', 10_000 * KiB, { quota: 1024 * KiB, signal: new AbortController().signal }))
  expect(used).toBeGreaterThan(400 * KiB)
  expect(used).toBeLessThan(420 * KiB)
})

test('a ledger that fails refuses; it never lets bytes through uncounted', async () => {
  await using at = await setUp()
  const broken: TrafficLedger = {
    take: () => Promise.reject(new Error('disk full')),
    giveBack: () => Promise.reject(new Error('disk full')),
  }
  expect(
    await codeOf(at.door({ networkDailyBytes: 1e9 }, { ledger: broken }).call('http.request', at.get('/'))),
  ).not.toBe('ok')
  expect(at.server.requests).toHaveLength(0)
})
