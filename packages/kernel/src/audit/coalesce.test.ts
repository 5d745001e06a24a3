import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Coalescer, type CountSource, defaultCoalesceLimits } from './coalesce.ts'
import type { AuditEvent } from './record.ts'

const denial = (capability: string, principal = 'p', fn = 'fs.read'): AuditEvent => ({
  type: 'capability_check',
  result: 'denied',
  principal,
  function: fn,
  capabilities: [capability],
  why: `${capability} is not granted`,
})
/** Ids in order, and a time that the test sets. */
const counts = (time = 0): CountSource => {
  let next = 0
  return { makeId: () => `id-${next++}`, time: () => time }
}

test('every decision is written singly or counted, exactly once', () => {
  const step = fc.record({ who: fc.nat(2), fn: fc.nat(40), wait: fc.nat(40), allowed: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const coalescer = new Coalescer({ burst: 5, perSecond: 10, windowMs: 100, shapes: 4 })
      const source = counts()
      let at = 0
      let singly = 0
      let counted = 0
      const close = (until?: number): void => {
        for (const { event } of coalescer.close(until)) counted += Number(event.details?.['count'])
      }
      for (const { who, fn, wait, allowed } of steps) {
        at += wait
        const event = {
          ...denial('x', `p${who}`, `f${fn}`),
          result: allowed ? ('allowed' as const) : ('denied' as const),
        }
        const id = coalescer.admit(event, 'lazy', at, source)
        if (id === undefined) singly += 1
        close(at)
      }
      close()
      expect(singly + counted).toBe(steps.length)
    }),
  )
})

test('a flood of varied denials becomes one record with the first as its sample; another principal keeps its burst', () => {
  const coalescer = new Coalescer({ ...defaultCoalesceLimits, burst: 3 })
  const source = counts(5)
  const admit = (event: AuditEvent, urgency: 'flush' | 'lazy' = 'flush') => coalescer.admit(event, urgency, 0, source)
  const flooded = Array.from({ length: 1000 }, (_, index) => admit(denial(`fs.read:/${index}`)))
  expect(flooded.slice(0, 3)).toEqual([undefined, undefined, undefined])
  expect(new Set(flooded.slice(3)).size).toBe(1)
  expect(admit(denial('fs.read:/x', 'other'))).toBeUndefined()
  const closed = coalescer.close()
  expect(closed).toHaveLength(1)
  expect(closed[0]?.event).toMatchObject({
    type: 'coalesced',
    result: 'denied',
    principal: 'p',
    function: 'fs.read',
    capabilities: ['fs.read:/3'],
    details: { count: 997, first: 5, last: 5 },
  })
})

test('a count names a call, and a risk, only when all that it counts is of that one', () => {
  const coalescer = new Coalescer({ ...defaultCoalesceLimits, burst: 0, shapes: 2 })
  const source = counts()
  const ask = (fn: string, callId: string, risk: string): unknown =>
    coalescer.admit({ ...denial('x', 'p', fn), callId, risk }, 'flush', 0, source)
  for (const callId of ['c1', 'c1']) ask('same', callId, 'write')
  for (const [callId, risk] of [['c1', 'read-only'] as const, ['c2', 'write'] as const]) ask('mixed', callId, risk)
  for (const fn of ['third', 'fourth']) ask(fn, 'c3', 'write')
  const [same, mixed, further] = coalescer.close().map(({ event }) => event)
  expect(same).toMatchObject({ function: 'same', callId: 'c1', risk: 'write', details: { count: 2 } })
  expect(mixed).toMatchObject({ function: 'mixed', details: { count: 2 } })
  expect(mixed).not.toHaveProperty('callId')
  expect(mixed).not.toHaveProperty('risk')
  expect(further).toMatchObject({ risk: 'write', details: { count: 2, mixed: true } })
  expect(further).not.toHaveProperty('function')
})

test('writes, and events that are not decisions, are never counted away; reads only when they are the same', () => {
  const coalescer = new Coalescer({ ...defaultCoalesceLimits, burst: 0 })
  const source = counts()
  const allowed = (capability: string): AuditEvent => ({ ...denial(capability), result: 'allowed' })
  expect(coalescer.admit(allowed('a'), 'flush', 0, source)).toBeUndefined()
  expect(coalescer.admit({ type: 'approval', result: 'denied', principal: 'p' }, 'flush', 0, source)).toBeUndefined()
  expect(coalescer.admit(allowed('a'), 'lazy', 0, source)).toBe('id-0')
  expect(coalescer.admit(allowed('a'), 'lazy', 0, source)).toBe('id-0')
  expect(coalescer.admit(allowed('b'), 'lazy', 0, source)).toBe('id-1')
})

test('ends of calls are counted with their figures summed, apart by how they ended, and apart from decisions', () => {
  const coalescer = new Coalescer({ ...defaultCoalesceLimits, burst: 1 })
  const source = counts(7)
  const ended = (callMs: number, why?: string): AuditEvent => ({
    type: 'call_ended',
    result: 'info',
    principal: 'p',
    action: 'run',
    callId: `c${callMs}`,
    details: { callMs, hostCalls: 1 },
    ...(why === undefined ? {} : { why }),
  })
  const admit = (event: AuditEvent, nowMs = 0) => coalescer.admit(event, 'lazy', nowMs, source)
  expect(admit(ended(1))).toBeUndefined()
  expect([admit(ended(0.1)), admit(ended(0.2), 3), admit(ended(5, 'limit.time')), admit(ended(0.4), 9)]).toEqual([
    'id-0',
    'id-0',
    'id-1',
    'id-0',
  ])
  // The bucket of decisions is its own.
  expect(coalescer.admit(denial('a'), 'flush', 0, source)).toBeUndefined()
  const closed = coalescer.close()
  expect(closed.map(({ event }) => event.details)).toEqual([
    { count: 3, first: 7, last: 16, mixed: false, of: 'call_ended', sums: { callMs: 0.7, hostCalls: 3 } },
    { count: 1, first: 7, last: 7, mixed: false, of: 'call_ended', sums: { callMs: 5, hostCalls: 1 } },
  ])
  expect(closed[1]?.event).toMatchObject({ type: 'coalesced', principal: 'p', action: 'run' })
  expect(closed[1]?.event.why).toBe(
    '1 ends of calls of this kind came too fast to be recorded singly; the first: limit.time',
  )
})

test('a crash is never counted away, nor an end that must be on disk', () => {
  const coalescer = new Coalescer({ ...defaultCoalesceLimits, burst: 0 })
  const source = counts()
  const end = { result: 'info', principal: 'p' } as const
  expect(coalescer.admit({ ...end, type: 'plugin_crashed' }, 'lazy', 0, source)).toBeUndefined()
  expect(coalescer.admit({ ...end, type: 'call_ended' }, 'flush', 0, source)).toBeUndefined()
  expect(coalescer.admit({ ...end, type: 'call_ended' }, 'lazy', 0, source)).toBe('id-0')
})

test('a flood of refusals by a proxy is counted', () => {
  const coalescer = new Coalescer({ ...defaultCoalesceLimits, burst: 0 })
  const source = counts()
  const refused: AuditEvent = { type: 'connection_refused', result: 'denied', principal: 'p', why: 'no secret' }
  expect(coalescer.admit(refused, 'flush', 0, source)).toBe('id-0')
  expect(coalescer.admit({ ...refused, why: 'no target' }, 'flush', 0, source)).toBe('id-0')
  expect(coalescer.close()[0]?.event.details).toMatchObject({ count: 2 })
})
