import { BulkheadError, type Dispatch, packPayload, unpackPayload } from '@bulkhead/kernel'
import { describe, expect, test } from 'vitest'
import { FarEnd, makeHandClock, turn } from '../../../../tests/support/protocol-peer.ts'
import type { ProcessActionCall, ProcessPluginOptions } from './options.ts'
import { openProcessPlugin } from './process-plugin.ts'

const identity = { name: 'echo', version: '1.0.0' }
const refuseAll: Dispatch = () => Promise.reject(new Error('nothing was to be dispatched'))
const failure = (promise: Promise<unknown>): Promise<BulkheadError> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: unknown) => error as BulkheadError,
  )

const begin = (options: Partial<ProcessPluginOptions> = {}) => {
  const far = new FarEnd()
  const clock = makeHandClock()
  const lines: string[] = []
  const opening = openProcessPlugin({
    streams: far.streams,
    clock,
    host: { name: 'bulkhead', version: '0.1.0' },
    plugin: identity,
    functions: ['kv.get'],
    handshakeTimeoutMs: 5000,
    log: (level, message) => void lines.push(`${level} ${message}`),
    ...options,
  })
  return { far, clock, lines, opening }
}

const open = async () => {
  const { opening, ...rest } = begin()
  const { id } = await rest.far.next('initialize')
  rest.far.say({ id, result: { protocolVersion: 1, plugin: identity } })
  return { ...rest, plugin: await opening }
}

const callOf = (over: Partial<ProcessActionCall> = {}): ProcessActionCall => ({
  callId: 'call-1',
  action: 'run',
  input: null,
  timeoutMs: 1000,
  dispatch: refuseAll,
  log: () => {},
  ...over,
})

describe('the handshake', () => {
  test('tells the plugin its name, its functions and the bounds, and learns who answers', async () => {
    const { far, opening } = begin()
    const { id, params } = await far.next('initialize')
    expect(params).toMatchObject({
      protocolVersion: { oldest: 1, newest: 1 },
      host: { name: 'bulkhead' },
      plugin: identity,
      functions: ['kv.get'],
      limits: { maxDepth: 128 },
    })
    far.say({ id, result: { protocolVersion: 1, plugin: { name: 'echo', version: '9' } } })
    using plugin = await opening
    expect(plugin).toMatchObject({ protocolVersion: 1, identity: { name: 'echo', version: '9' } })
  })

  test.each([
    ['another version', { result: { protocolVersion: 2, plugin: identity } }, 'protocol.version'],
    ['no common version', { error: { code: -32_001, message: 'I speak 7' } }, 'protocol.version'],
    ['another name', { result: { protocolVersion: 1, plugin: { ...identity, name: 'bank' } } }, 'protocol.handshake'],
    ['another shape', { result: { protocolVersion: '1' } }, 'protocol.handshake'],
    ['a failure', { error: { code: 1, message: 'no' } }, 'protocol.handshake'],
  ])('with %s fails', async (_what, answer, code) => {
    const { far, opening } = begin()
    far.say({ id: (await far.next('initialize')).id, ...answer })
    expect(await failure(opening)).toMatchObject({ code })
  })

  test('that never comes fails', async () => {
    const { far, clock, opening } = begin()
    await far.next('initialize')
    clock.advance(5000)
    expect(await failure(opening)).toMatchObject({ code: 'protocol.handshake' })
  })

  test('that its caller gives up ends with the caller’s reason', async () => {
    const caller = new AbortController()
    const { far, opening } = begin({ signal: caller.signal })
    await far.next('initialize')
    const reason = new BulkheadError('limit.time', 'the call ran past its time')
    caller.abort(reason)
    expect(await failure(opening)).toBe(reason)
  })

  test('comes before anything else', async () => {
    const { far, opening } = begin()
    await far.next('initialize')
    far.say({ method: 'log', params: { level: 'info', message: 'early' } })
    expect(await failure(opening)).toMatchObject({ code: 'protocol.handshake' })
  })
})

describe('a call', () => {
  test('carries values and bytes both ways', async () => {
    const { far, plugin } = await open()
    using _ = plugin
    const output = plugin.call(callOf({ input: { data: new Uint8Array([1, 2]), text: 'x' } }))
    const { id, params } = await far.next('action/call')
    expect(params).toEqual({
      callId: 'call-1',
      action: 'run',
      deadlineMs: 1000,
      input: { data: { $bytes: 'AQI=' }, text: 'x' },
    })
    far.say({ id, result: { output: [{ $bytes: 'Aw==' }] } })
    expect(await output).toEqual([new Uint8Array([3])])
  })

  test('reaches host functions through its own dispatch, and only while it is under way', async () => {
    const { far, plugin } = await open()
    using _ = plugin
    const asked: unknown[] = []
    const dispatch: Dispatch = async (name, payload) => {
      asked.push([name, unpackPayload(payload, 'input')])
      return name === 'kv.get'
        ? { ok: true, payload: packPayload({ value: new Uint8Array([9]) }) }
        : { ok: false, error: { code: 'capability.denied', message: 'no', id: 'error-1' } }
    }
    const output = failure(plugin.call(callOf({ dispatch })))
    const { id } = await far.next('action/call')
    far.say({ id: 1, method: 'host/call', params: { callId: 'call-1', function: 'kv.get', input: { key: 'a' } } })
    expect(await far.answer(1)).toMatchObject({ result: { output: { value: { $bytes: 'CQ==' } } } })
    far.say({ id: 2, method: 'host/call', params: { callId: 'call-1', function: 'http.request' } })
    expect(await far.answer(2)).toMatchObject({ error: { data: { code: 'capability.denied', id: 'error-1' } } })
    far.say({ id: 3, method: 'host/call', params: { callId: 'call-2', function: 'kv.get' } })
    expect(await far.answer(3)).toMatchObject({ error: { data: { code: 'call.cancelled' } } })
    expect(asked).toEqual([
      ['kv.get', { key: 'a' }],
      ['http.request', null],
    ])

    far.say({ id, error: { code: 1, message: 'gave up', data: { id: 'error-1' } } })
    expect(await output).toMatchObject({ code: 'plugin.failed', details: { hostErrorId: 'error-1' } })
    far.say({ id: 4, method: 'host/call', params: { callId: 'call-1', function: 'kv.get' } })
    expect(await far.answer(4)).toMatchObject({ error: { data: { code: 'call.cancelled' } } })
    expect(asked).toHaveLength(2)
  })

  test('that ends ends its host calls', async () => {
    const { far, clock, plugin } = await open()
    using _ = plugin
    const call = failure(plugin.call(callOf({ dispatch: () => new Promise(() => {}) })))
    await far.next('action/call')
    far.say({ id: 1, method: 'host/call', params: { callId: 'call-1', function: 'kv.get' } })
    await turn()
    expect(plugin.statistics.callsIn).toBe(1)
    clock.advance(1000)
    expect(await call).toMatchObject({ code: 'limit.time' })
    expect(await far.answer(1)).toMatchObject({ error: { code: -32_800 } })
    expect(plugin.statistics.callsIn).toBe(0)
  })

  test('can be timed by its signal alone, whose reason it ends with', async () => {
    const { far, clock, plugin } = await open()
    using _ = plugin
    const controller = new AbortController()
    const call = failure(
      plugin.call(callOf({ timeoutMs: Number.POSITIVE_INFINITY, toldMs: 500, signal: controller.signal })),
    )
    const { id, params } = await far.next('action/call')
    expect(params['deadlineMs']).toBe(500)
    clock.advance(1_000_000)
    await turn()
    expect(plugin.statistics.callsOut).toBe(1)
    const reason = new BulkheadError('limit.time', 'the call ran past its time')
    controller.abort(reason)
    expect(await call).toBe(reason)
    expect((await far.next('$/cancelRequest')).params).toEqual({ id })
  })

  test('has its own log', async () => {
    const { far, lines, plugin } = await open()
    using _ = plugin
    const own: string[] = []
    const call = plugin.call(callOf({ log: (level, message) => void own.push(`${level} ${message}`) }))
    const { id } = await far.next('action/call')
    far.say(
      { method: 'log', params: { level: 'warn', message: 'mine', callId: 'call-1' } },
      { method: 'log', params: { level: 'info', message: 'theirs', callId: 'call-7' } },
      { id, result: { output: null } },
    )
    await call
    expect(own).toEqual(['warn mine'])
    expect(lines).toEqual(['info theirs'])
  })
})

test('actions are listed; names that are none, or twice there, are refused', async () => {
  const { far, plugin } = await open()
  using _ = plugin
  const list = async (actions: unknown) => {
    const listed = plugin.listActions({ timeoutMs: 1000 })
    far.say({ id: (await far.next('action/list')).id, result: { actions } })
    return listed
  }
  expect(await list([{ name: 'run', description: 'Runs.', input: { type: 'object' }, risk: 'read-only' }])).toEqual({
    run: { description: 'Runs.', input: { type: 'object' } },
  })
  for (const wrong of [[{ name: '__proto__' }], [{ name: 'a b' }], [{ name: 'a' }, { name: 'a' }], [{}], {}]) {
    expect(await failure(list(wrong))).toMatchObject({ code: 'output.invalid' })
  }
})

test('a plugin is asked whether it lives, and to finish', async () => {
  const { far, clock, plugin } = await open()
  using _ = plugin
  const pinged = plugin.ping(1000)
  far.say({ id: (await far.next('ping')).id, result: {} })
  await pinged
  const finished = plugin.shutdown(1000)
  far.say({ id: (await far.next('shutdown')).id, result: null })
  expect(await finished).toBe(true)
  expect(await failure(plugin.ping(1000))).toMatchObject({ code: 'call.cancelled' })
  far.end()
  expect(await plugin.closed).toMatchObject({ code: 'plugin.crashed' })
  clock.advance(10_000)
})
