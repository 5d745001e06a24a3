import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Coalescer, defaultCoalesceLimits } from './coalesce.ts'
import type { AuditEvent } from './record.ts'

const denial = (capability: string, principal = 'p', fn = 'fs.read'): AuditEvent => ({
  type: 'capability_check',
  result: 'denied',
  principal,
  function: fn,
  capabilities: [capability],
  why: `${capability} is not granted`,
})
const ids = () => {
  let next = 0
  return () => `id-${next++}`
}

test('every decision is written singly or counted, exactly once', () => {
  const step = fc.record({ who: fc.nat(2), fn: fc.nat(40), wait: fc.nat(40), allowed: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const coalescer = new Coalescer({ burst: 5, perSecond: 10, windowMs: 100, shapes: 4 })
      const makeId = ids()
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
        const id = coalescer.admit(event, 'lazy', { time: at, monotonic: at }, makeId)
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
  const makeId = ids()
  const admit = (event: AuditEvent, urgency: 'flush' | 'lazy' = 'flush') =>
    coalescer.admit(event, urgency, { time: 5, monotonic: 0 }, makeId)
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

test('writes, and events that are not decisions, are never counted away; reads only when they are the same', () => {
  const coalescer = new Coalescer({ ...defaultCoalesceLimits, burst: 0 })
  const makeId = ids()
  const now = { time: 1, monotonic: 0 }
  const allowed = (capability: string): AuditEvent => ({ ...denial(capability), result: 'allowed' })
  expect(coalescer.admit(allowed('a'), 'flush', now, makeId)).toBeUndefined()
  expect(coalescer.admit({ type: 'approval', result: 'denied', principal: 'p' }, 'flush', now, makeId)).toBeUndefined()
  expect(coalescer.admit(allowed('a'), 'lazy', now, makeId)).toBe('id-0')
  expect(coalescer.admit(allowed('a'), 'lazy', now, makeId)).toBe('id-0')
  expect(coalescer.admit(allowed('b'), 'lazy', now, makeId)).toBe('id-1')
})
