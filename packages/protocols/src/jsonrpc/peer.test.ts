import type { BulkheadError } from '@bulkhead/kernel'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { FarEnd, makeHandClock, turn } from '../../../../tests/support/protocol-peer.ts'
import { anyJson, defineMethod, defineNotice } from './method.ts'
import { hear, type JsonRpcPeerOptions } from './options.ts'
import { openJsonRpcPeer } from './peer.ts'
import { serve } from './served-calls.ts'

const add = defineMethod('add', z.strictObject({ a: z.number(), b: z.number() }), z.number())
const wait = defineMethod('wait', z.strictObject({}), anyJson)
const note = defineNotice('note', z.strictObject({ text: z.string() }))

const open = (options: Partial<JsonRpcPeerOptions> = {}) => {
  const far = new FarEnd()
  const clock = makeHandClock()
  const peer = openJsonRpcPeer({ streams: far.streams, clock, ...options })
  return { far, clock, peer }
}
const failure = (promise: Promise<unknown>): Promise<BulkheadError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as BulkheadError,
  )

describe('calls of ours', () => {
  test('an answer comes back to its own call, in whatever order answers come', async () => {
    const { far, peer } = open()
    using _ = peer
    const first = peer.call(add, { a: 1, b: 2 }, { timeoutMs: 1000 })
    const second = peer.call(add, { a: 3, b: 4 }, { timeoutMs: 1000 })
    const [one, two] = [await far.next('add'), await far.next('add')]
    far.say({ id: two.id, result: 7 }, { id: one.id, result: 3 })
    expect(await Promise.all([first, second])).toEqual([3, 7])
    expect(one.id).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('an error is the plugin’s, with its code as a fact', async () => {
    const { far, peer } = open()
    using _ = peer
    const call = failure(peer.call(add, { a: 1, b: 2 }, { timeoutMs: 1000 }))
    const { id } = await far.next('add')
    far.say({ id, error: { code: 7, message: 'no\u001b[31m luck\n', data: { code: 'capability.denied', id: 'abc' } } })
    expect(await call).toMatchObject({
      code: 'plugin.failed',
      message: String.raw`the call add failed: no\x1b[31m luck\x0a`,
      details: { rpcCode: 7, guestCode: 'capability.denied', hostErrorId: 'abc' },
    })
  })

  test('params and answers are checked', async () => {
    const { far, peer } = open()
    using _ = peer
    expect(await failure(peer.call(add, { a: 'x', b: 2 } as never, { timeoutMs: 1000 }))).toMatchObject({
      code: 'input.invalid',
    })
    const call = failure(peer.call(add, { a: 1, b: 2 }, { timeoutMs: 1000 }))
    far.say({ id: (await far.next('add')).id, result: 'three' })
    expect(await call).toMatchObject({ code: 'output.invalid' })
  })

  test('a timeout and a cancellation are told to the peer, and their late answers are dropped', async () => {
    const { far, clock, peer } = open()
    using _ = peer
    const slow = failure(peer.call(wait, {}, { timeoutMs: 1000 }))
    const controller = new AbortController()
    const unwanted = failure(peer.call(wait, {}, { timeoutMs: 5000, signal: controller.signal }))
    const [one, two] = [await far.next('wait'), await far.next('wait')]
    clock.advance(1000)
    expect(await slow).toMatchObject({ code: 'limit.time' })
    controller.abort()
    expect(await unwanted).toMatchObject({ code: 'call.cancelled' })
    expect((await far.next('$/cancelRequest')).params).toEqual({ id: one.id })
    expect((await far.next('$/cancelRequest')).params).toEqual({ id: two.id })
    far.say({ id: one.id, result: 1 }, { id: two.id, result: 2 })
    await turn()
    expect(peer.statistics).toMatchObject({ late: 2, unsolicited: 0, callsOut: 0, abandoned: 0 })
  })

  test('no more are made at once than are allowed', async () => {
    const { peer } = open({ bounds: { maxCallsOut: 2 } })
    using _ = peer
    const calls = [1, 2].map(() => failure(peer.call(wait, {}, { timeoutMs: 1000 })))
    expect(await failure(peer.call(wait, {}, { timeoutMs: 1000 }))).toMatchObject({ code: 'limit.concurrency' })
    peer[Symbol.dispose]()
    for (const call of calls) expect(await call).toMatchObject({ code: 'call.cancelled' })
  })

  test('the end of the peer’s output ends them', async () => {
    const { far, peer } = open()
    const call = failure(peer.call(wait, {}, { timeoutMs: 1000 }))
    await far.next('wait')
    far.end()
    expect(await call).toMatchObject({ code: 'plugin.crashed' })
    expect(await peer.closed).toMatchObject({ code: 'plugin.crashed' })
    expect(await failure(peer.call(wait, {}, { timeoutMs: 1000 }))).toMatchObject({ code: 'plugin.crashed' })
  })
})

describe('calls of the peer’s', () => {
  const serves = [
    serve(add, ({ a, b }) => a + b),
    serve(
      wait,
      (_, signal) => new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    ),
  ]

  test('are answered, with errors as the specification numbers them', async () => {
    const { far, peer } = open({ serves })
    using _ = peer
    far.say({ id: 1, method: 'add', params: { a: 1, b: 2 } })
    expect(await far.answer(1)).toMatchObject({ result: 3 })
    far.say({ id: '1', method: 'add', params: { a: 1 } })
    expect(await far.answer('1')).toMatchObject({ error: { code: -32_602 } })
    for (const method of ['toString', 'constructor', 'hasOwnProperty', 'subtract']) {
      far.say({ id: method, method })
      expect(await far.answer(method)).toMatchObject({ error: { code: -32_601 } })
    }
  })

  test('end when they are cancelled', async () => {
    const { far, peer } = open({ serves })
    using _ = peer
    far.say({ id: 1, method: 'wait' }, { method: '$/cancelRequest', params: { id: 1 } })
    expect(await far.answer(1)).toMatchObject({ error: { code: -32_800, data: { code: 'call.cancelled' } } })
    far.say({ method: '$/cancelRequest', params: { id: 1 } }, { method: '$/cancelRequest', params: { id: {} } })
    await turn()
    expect(peer.statistics).toMatchObject({ callsIn: 0 })
  })

  test('past the bound are refused, and an id is not taken twice at once', async () => {
    const { far, peer } = open({ serves, bounds: { maxCallsIn: 1 } })
    using _ = peer
    far.say({ id: 1, method: 'wait' }, { id: 2, method: 'wait' })
    expect(await far.answer(2)).toMatchObject({ error: { data: { code: 'limit.concurrency' } } })
    far.say({ id: 1, method: 'wait' })
    expect(await peer.closed).toMatchObject({ code: 'protocol.violation' })
  })

  test('do not learn what went wrong inside', async () => {
    const { far, peer } = open({
      serves: [
        serve(wait, () => {
          throw new Error('/home/somebody/secret.txt is not there')
        }),
      ],
    })
    using _ = peer
    far.say({ id: 1, method: 'wait' })
    expect(JSON.stringify(await far.answer(1))).not.toContain('secret')
  })
})

test('notifications go both ways, and those that nobody hears are counted', async () => {
  const heard: string[] = []
  const { far, peer } = open({ hears: [hear(note, ({ text }) => heard.push(text))] })
  using _ = peer
  far.say({ method: 'note', params: { text: 'a' } }, { method: 'note', params: { text: 1 } }, { method: 'other' })
  peer.notify(note, { text: 'b' })
  expect((await far.next('note')).params).toEqual({ text: 'b' })
  expect(heard).toEqual(['a'])
  expect(peer.statistics).toMatchObject({ unheard: 2 })
})

test('web streams serve as well as Node’s', async () => {
  const near = new TransformStream<Uint8Array, Uint8Array>()
  const back = new TransformStream<Uint8Array, Uint8Array>()
  const clock = makeHandClock()
  using caller = openJsonRpcPeer({ streams: { readable: near.readable, writable: back.writable }, clock })
  using _callee = openJsonRpcPeer({
    streams: { readable: back.readable, writable: near.writable },
    clock,
    serves: [serve(add, ({ a, b }) => a + b)],
  })
  expect(await caller.call(add, { a: 20, b: 22 }, { timeoutMs: 1000 })).toBe(42)
})

test('what was said before the end counts, also when it waits for its turn', async () => {
  const heard: string[] = []
  const { far, clock, peer } = open({
    bounds: { maxMessagesPerSecond: 2 },
    hears: [hear(note, ({ text }) => heard.push(text))],
  })
  far.say(...['a', 'b', 'c', 'd', 'e'].map((text) => ({ method: 'note', params: { text } })))
  far.end()
  await turn()
  expect(heard).toEqual(['a', 'b'])
  expect(peer.statistics.isThrottled).toBe(true)
  for (let second = 0; second < 5; second++) {
    clock.advance(1000)
    await turn()
  }
  expect(heard).toEqual(['a', 'b', 'c', 'd', 'e'])
  expect(await peer.closed).toMatchObject({ code: 'plugin.crashed' })
})

test('after its input is closed, a plugin is not called any more, and what it says is still heard', async () => {
  const heard: string[] = []
  const { far, peer } = open({ hears: [hear(note, ({ text }) => heard.push(text))] })
  using _ = peer
  const call = peer.call(wait, {}, { timeoutMs: 1000 })
  const { id } = await far.next('wait')
  peer.endInput()
  expect(await failure(peer.call(wait, {}, { timeoutMs: 1000 }))).toMatchObject({ code: 'call.cancelled' })
  far.say({ method: 'note', params: { text: 'bye' } }, { id, result: 1 })
  expect(await call).toBe(1)
  expect(heard).toEqual(['bye'])
})

test('a pipe that breaks is an end and no crash of ours', async () => {
  const { far, peer } = open()
  far.streams.writable.destroy(new Error('EPIPE\u001b'))
  await turn()
  const error = await failure(peer.call(wait, {}, { timeoutMs: 1000 }))
  expect(error).toMatchObject({ code: 'plugin.crashed', message: expect.not.stringContaining('\u001b') })
  far.streams.readable.destroy(new Error('EIO'))
  expect(await peer.closed).toMatchObject({ code: 'plugin.crashed' })
})
