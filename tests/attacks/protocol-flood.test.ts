// Floods in both directions: a peer that says too much waits on its own pipe, and one that does not read is not
// written to without end.

import { PassThrough } from 'node:stream'
import { anyJson, defineMethod, defineNotice, hear, openJsonRpcPeer, serve } from '@bulkhead/protocols'
import { expect, test } from 'vitest'
import { FarEnd, makeHandClock, turn } from '../support/protocol-peer.ts'
import { callTarget, failureOf, openTarget } from '../support/protocol-target.ts'

const note = `${JSON.stringify({ jsonrpc: '2.0', method: 'log', params: { level: 'info', message: 'x' } })}\n`
const settled = async (): Promise<void> => {
  for (let count = 0; count < 20; count++) await turn()
}

test('a flood of notifications is read as fast as is paid for, and the rest waits at its sender', async () => {
  const { far, clock, lines, plugin } = await openTarget({ bounds: { maxMessagesPerSecond: 100 } })
  using _ = plugin
  const flood = 50_000
  for (let count = 0; count < flood; count += 1000) far.write(note.repeat(1000))
  await settled()
  expect(lines.length).toBe(100)
  expect(plugin.statistics.isThrottled).toBe(true)
  clock.advance(60_000)
  await settled()
  // A second's worth has gathered meanwhile, and no more than that (and the message that found it out).
  expect(lines.length).toBeLessThanOrEqual(201)
  expect(far.untakenBytes).toBeGreaterThan((flood - 2000) * note.length)
  for (let second = 0; second < 10; second++) {
    clock.advance(1000)
    await settled()
  }
  expect(lines.length).toBeLessThanOrEqual(1210)
})

test('messages that take long are read no more often than their share of time allows', async () => {
  const far = new FarEnd()
  const clock = makeHandClock()
  let heard = 0
  const slow = hear(defineNotice('slow', anyJson), () => {
    heard++
    clock.advance(100)
  })
  using peer = openJsonRpcPeer({ streams: far.streams, clock, bounds: { maxBusyShare: 0.1 }, hears: [slow] })
  peer.open()
  far.say(...Array.from({ length: 1000 }, () => ({ method: 'slow' })))
  await settled()
  for (let step = 0; step < 1000; step++) {
    clock.advance(10)
    await turn()
  }
  // What it took is a tenth of the time that went by, and one second's worth in advance.
  expect(heard * 100).toBeLessThanOrEqual(clock.monotonic() * 0.1 + 200)
  expect(heard).toBeGreaterThan(5)
  expect(peer.statistics.isThrottled).toBe(true)
})

test('an answer behind a flood arrives, and its call can still time out before', async () => {
  const { far, clock, plugin } = await openTarget({ bounds: { maxMessagesPerSecond: 100 } })
  using _ = plugin
  const first = failureOf(callTarget(plugin, 'call-1', 1000))
  const { id } = await far.next('action/call')
  far.write(note.repeat(150))
  far.say({ id, result: { output: 1 } })
  await settled()
  clock.advance(1000)
  // The clock's timers run in the order in which they were set: the deadline came first.
  expect(await first).toMatchObject({ code: 'limit.time' })
  await settled()
  const second = callTarget(plugin, 'call-2', 100_000)
  far.say({ id: (await far.next('action/call')).id, result: { output: 2 } })
  clock.advance(10_000)
  expect(await second).toBe(2)
  expect(plugin.statistics).toMatchObject({ late: 1 })
})

test('a flood of requests: so many are under way, the others are refused, and all of it is paid for', async () => {
  const { far, plugin } = await openTarget({ bounds: { maxCallsIn: 5, maxMessagesPerSecond: 1000 } })
  using _ = plugin
  const call = failureOf(callTarget(plugin))
  await far.next('action/call')
  const params = { callId: 'call-1', function: 'kv.get' }
  for (let id = 0; id < 5000; id++) far.say({ id, method: 'host/call', params })
  await settled()
  expect(plugin.statistics).toMatchObject({ callsIn: 5, isThrottled: true })
  const refused = far.received.filter((message) => message['error'] !== undefined)
  expect(refused).toHaveLength(995)
  expect(refused[0]).toMatchObject({ error: { data: { code: 'limit.concurrency' } } })
  plugin[Symbol.dispose]()
  expect(await call).toMatchObject({ code: 'call.cancelled' })
  expect(plugin.statistics.callsIn).toBe(0)
})

test('a peer that asks and does not read is refused before much waits for it', async () => {
  const far = new FarEnd({ reads: false })
  const echo = defineMethod('echo', anyJson, anyJson)
  const maxWaitingBytes = 256 * 1024
  const peer = openJsonRpcPeer({
    streams: far.streams,
    clock: makeHandClock(),
    bounds: { maxWaitingBytes },
    serves: [serve(echo, () => 'a'.repeat(64 * 1024))],
  })
  peer.open()
  let mostWaiting = 0
  for (let id = 0; id < 1000 && !far.streams.writable.destroyed; id++) {
    far.say({ id, method: 'echo' })
    await turn()
    mostWaiting = Math.max(mostWaiting, peer.statistics.waitingBytes)
  }
  expect(await peer.closed).toMatchObject({ code: 'protocol.stalled' })
  expect(mostWaiting).toBeLessThanOrEqual(maxWaitingBytes)
  expect(far.streams.writable.destroyed).toBe(true)
})

test('calls to a peer that does not read fail when too much waits', async () => {
  const writable = new PassThrough({ highWaterMark: 1024 })
  const work = defineMethod('work', anyJson, anyJson)
  const maxWaitingBytes = 256 * 1024
  using peer = openJsonRpcPeer({
    streams: { readable: new PassThrough(), writable },
    clock: makeHandClock(),
    bounds: { maxWaitingBytes },
  })
  const codes: string[] = []
  for (let count = 0; count < 100; count++) {
    const call = failureOf(peer.call(work, { text: 'a'.repeat(32 * 1024) }, { timeoutMs: 1000 }))
    void call.then(({ code }) => codes.push(code))
  }
  await settled()
  expect(new Set(codes)).toEqual(new Set(['protocol.stalled']))
  expect(codes.length).toBeGreaterThan(90)
  expect(peer.statistics.callsOut).toBe(100 - codes.length)
  expect(peer.statistics.waitingBytes).toBeLessThanOrEqual(maxWaitingBytes)
})
