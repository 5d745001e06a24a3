import { Deadlines } from './deadlines.ts'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { BulkheadError } from '../errors.ts'
import { type AnyHostFunction, bytes, defineHostFunction } from '../function/host-function.ts'
import { makeFunctionTable } from '../function/table.ts'
import type { Decision, Gate, GateRequest } from '../gate/gate.ts'
import { defaultLimits } from '../limits.ts'
import type { CallContext } from './context.ts'
import { makeDispatcher } from './dispatch.ts'
import { packPayload, unpackPayload } from './payload.ts'

const principal = { id: 'file:/p#p', name: 'p', digest: 'd' }

const allow = (recordId: string): Decision => ({ allow: true, recordId, capabilities: [] })
const refuse: Decision = {
  allow: false,
  recordId: 'r',
  why: { layer: 'grant', capability: 'env:KEY', principal: principal.id, message: 'p was not granted env:KEY' },
}

const open = (
  functions: readonly AnyHostFunction[],
  decide: (request: GateRequest) => Decision,
  limits: Partial<CallContext['limits']> = {},
) => {
  const asked: GateRequest[] = []
  const gate: Gate = {
    decide: async (request) => {
      asked.push(request)
      return decide(request)
    },
  }
  const controller = new AbortController()
  const context: CallContext = {
    callId: 'c1',
    principal,
    chain: [],
    action: 'a',
    workspaceRoot: '/w',
    deadlineMs: 1e9,
    limits: { ...defaultLimits, ...limits },
    signal: controller.signal,
  }
  const session = makeDispatcher({
    functions: makeFunctionTable(functions),
    gate,
    clock: { now: () => 0, monotonic: () => performance.now(), after: () => ({ [Symbol.dispose]: () => {} }) },
    crypto: { newId: () => 'id', sha256: (data) => `hash of ${String(data)}` },
    deadlines: new Deadlines({
      monotonic: () => performance.now(),
      after: (ms, run) => {
        const timer = setTimeout(run, ms)
        return { [Symbol.dispose]: () => clearTimeout(timer) }
      },
    }),
    makeSignal: () => new AbortController(),
  })(context)
  return { session, asked, controller }
}

const ran: unknown[] = []
const readKey = defineHostFunction({
  name: 'env.read',
  input: z.strictObject({ name: z.string().max(10) }),
  output: z.object({ value: z.string() }),
  needs: (input) => [{ name: 'env', scope: input.name }],
  risk: 'read-only',
  run: (permit) => {
    ran.push(permit.input)
    return { value: permit.input.name.toLowerCase() }
  },
})

test('parse, gate, run on the permit, reply', async () => {
  const { session, asked } = open([readKey], () => allow('r1'))
  const reply = await session.dispatch('env.read', packPayload({ name: 'KEY' }))
  expect(reply).toEqual({ ok: true, payload: { json: '{"value":"key"}' } })
  expect(asked[0]).toMatchObject({
    function: 'env.read',
    capabilities: [{ name: 'env', scope: 'KEY' }],
    risk: 'read-only',
  })
})

test('a refused call never runs, and its error can be told by its id', async () => {
  ran.length = 0
  const { session } = open([readKey], () => refuse)
  const reply = await session.dispatch('env.read', packPayload({ name: 'KEY' }))
  expect(ran).toEqual([])
  expect(reply).toMatchObject({
    ok: false,
    error: { code: 'capability.denied', id: 'c1-1', hint: expect.stringContaining("--grant 'env:KEY'") },
  })
  expect(session.errorOf('c1-1')).toMatchObject({ code: 'capability.denied' })
  expect(session.errorOf('c1-2')).toBeUndefined()
})

test('input that does not fit never reaches the gate; unknown members and prototypes are refused', async () => {
  const { session, asked } = open([readKey], () => allow('r'))
  for (const json of [
    '{"name":1}',
    '{}',
    '{"name":"K","extra":1}',
    '{"__proto__":{"name":"K"}}',
    'nonsense',
    '['.repeat(5000),
    '{"name":"12345678901"}',
  ]) {
    expect(await session.dispatch('env.read', { json })).toMatchObject({
      ok: false,
      error: { code: expect.stringMatching(/^input\./) },
    })
  }
  expect(asked).toEqual([])
})

test('an unknown function names the nearest one', async () => {
  const { session } = open([readKey], () => allow('r'))
  expect(await session.dispatch('env.raed', packPayload({}))).toMatchObject({
    ok: false,
    error: { code: 'function.unknown', hint: 'Did you mean env.read?' },
  })
})

test('host calls are counted, and one too many is a limit', async () => {
  const { session } = open([readKey], () => allow('r'), { hostCalls: 2 })
  const call = () => session.dispatch('env.read', packPayload({ name: 'K' }))
  expect((await call()).ok).toBe(true)
  expect((await call()).ok).toBe(true)
  expect(await call()).toMatchObject({ ok: false, error: { code: 'limit.host-calls' } })
})

test('the input that runs is the input that was checked: frozen, and without what the schema dropped', async () => {
  let seen: unknown
  const keep = defineHostFunction({
    name: 'x.keep',
    input: z.object({ nested: z.object({ a: z.number() }) }),
    output: z.null(),
    needs: () => [],
    run: (permit) => {
      seen = permit.input
      return null
    },
  })
  const { session, asked } = open([keep], () => allow('r'))
  await session.dispatch('x.keep', packPayload({ nested: { a: 1, b: 2 } }))
  expect(seen).toEqual({ nested: { a: 1 } })
  expect(Object.isFrozen((seen as { nested: object }).nested)).toBe(true)
  expect(asked).toEqual([])
})

test('a run that ignores its signal cannot hold the guest past the host-call limit', async () => {
  const stuck = defineHostFunction({
    name: 'x.stuck',
    input: z.null(),
    output: z.null(),
    needs: () => [],
    run: () => new Promise<null>(() => {}),
  })
  const { session } = open([stuck], () => allow('r'), { hostCallMs: 10 })
  expect(await session.dispatch('x.stuck', packPayload(null))).toMatchObject({
    ok: false,
    error: { code: 'limit.host-call-time' },
  })
})

test('after the call was cancelled nothing runs any more', async () => {
  const { session, controller, asked } = open([readKey], () => allow('r'))
  controller.abort(new BulkheadError('call.cancelled', 'enough'))
  expect(await session.dispatch('env.read', packPayload({ name: 'K' }))).toMatchObject({
    ok: false,
    error: { code: 'call.cancelled' },
  })
  expect(asked).toEqual([])
})

test('check() asks the same gate again, and a refusal there ends the call', async () => {
  const hops = defineHostFunction({
    name: 'x.hops',
    input: z.null(),
    output: z.string(),
    needs: () => [{ name: 'network', scope: 'first' }],
    run: async (_permit, { check }) => {
      await check([{ name: 'network', scope: 'second' }])
      return 'reached'
    },
  })
  const { session, asked } = open([hops], (request) =>
    request.capabilities[0]?.scope === 'first' ? allow('r') : refuse,
  )
  expect(await session.dispatch('x.hops', packPayload(null))).toMatchObject({
    ok: false,
    error: { code: 'capability.denied' },
  })
  expect(asked.map((request) => request.capabilities[0]?.scope)).toEqual(['first', 'second'])
})

test('byte strings reach a function as bytes, from base64 or from beside the text', async () => {
  const size = defineHostFunction({
    name: 'x.size',
    input: z.object({ data: bytes() }),
    output: z.object({ size: z.number(), back: bytes() }),
    needs: () => [],
    run: ({ input }) => ({ size: input.data.byteLength, back: input.data }),
  })
  const { session } = open([size], () => allow('r'))
  for (const payload of [{ json: '{"data":"AQID"}' }, packPayload({ data: new Uint8Array([1, 2, 3]) })]) {
    const reply = await session.dispatch('x.size', payload)
    if (!reply.ok) throw new Error(reply.error.message)
    expect(unpackPayload(reply.payload, 'it')).toEqual({ size: 3, back: new Uint8Array([1, 2, 3]) })
  }
})

test('what the runtime performs passes the same gate, and counts as a host call', async () => {
  const own = defineHostFunction({
    name: 'own.thing',
    input: z.strictObject({ key: z.string() }),
    output: z.string(),
    needs: ({ key }) => [{ name: 'env', scope: key }],
    run: ({ input }) => input.key,
  })
  const { session, asked } = open([], ({ capabilities }) => (capabilities[0]?.scope === 'KEY' ? refuse : allow('r')), {
    hostCalls: 3,
  })
  expect(await session.perform(own, packPayload({ key: 'OTHER' }))).toEqual({ ok: true, payload: { json: '"OTHER"' } })
  expect(await session.perform(own, packPayload({ key: 'KEY' }))).toMatchObject({
    error: { code: 'capability.denied' },
  })
  expect(await session.perform(own, packPayload({ key: 1 }))).toMatchObject({ error: { code: 'input.invalid' } })
  expect(await session.perform(own, packPayload({ key: 'OTHER' }))).toMatchObject({
    error: { code: 'limit.host-calls' },
  })
  expect(asked.map(({ function: name }) => name)).toEqual(['own.thing', 'own.thing'])
  expect(await session.dispatch('own.thing', packPayload({ key: 'OTHER' }))).toMatchObject({ ok: false })
})
