// A peer that answers what nobody asked, twice, too late, or in the name of another call. No answer reaches a call that
// it does not belong to, and who keeps doing it is refused.

import { anyJson, defaultJsonRpcBounds, defineMethod, openJsonRpcPeer } from '@bulkhead/protocols'
import { expect, test } from 'vitest'
import { FarEnd, makeHandClock, turn } from '../support/protocol-peer.ts'
import { failureOf } from '../support/protocol-target.ts'

const work = defineMethod('work', anyJson, anyJson)

const open = (bounds = {}) => {
  const far = new FarEnd()
  const clock = makeHandClock()
  const peer = openJsonRpcPeer({ streams: far.streams, clock, bounds })
  peer.open()
  return { far, clock, peer, call: () => peer.call(work, {}, { timeoutMs: 1000 }) }
}

test('answers to nothing are counted, and one too many ends the connection and every call with it', async () => {
  const { far, peer, call } = open()
  const pending = failureOf(call())
  for (let index = 0; index < defaultJsonRpcBounds.maxUnsolicited; index++)
    far.say({ id: `guess-${index}`, result: 'mine' })
  await turn()
  expect(peer.statistics).toMatchObject({ unsolicited: defaultJsonRpcBounds.maxUnsolicited, callsOut: 1 })
  far.say({ id: null, error: { code: -32_700, message: 'what?' } })
  expect(await peer.closed).toMatchObject({ code: 'protocol.violation' })
  expect(await pending).toMatchObject({ code: 'protocol.violation' })
})

test('an answer that is there before its question belongs to nothing', async () => {
  const { far, peer, call } = open({ maxUnsolicited: 1000 })
  using _ = peer
  // What counters yield, in the spellings that a lax reader would take for one another.
  for (let id = 0; id < 100; id++) far.say({ id, result: 'mine' }, { id: String(id), result: 'mine' })
  await turn()
  const result = call()
  const { id } = await far.next('work')
  far.say({ id: `${id} `, result: 'mine' })
  far.say(
    { id: '__proto__', result: 'mine' },
    { id: 'constructor', result: 'mine' },
    { id: [id].join(), result: 'true' },
  )
  expect(await result).toBe('true')
  expect(peer.statistics.unsolicited).toBe(203)
})

test('no id is used twice', async () => {
  const { far, peer, call } = open()
  using _ = peer
  const ids = new Set<string>()
  for (let round = 0; round < 200; round++) {
    const result = call()
    const { id } = await far.next('work')
    ids.add(id)
    far.say({ id, result: round })
    expect(await result).toBe(round)
  }
  expect(ids.size).toBe(200)
})

test('a doubled answer changes nothing and counts as unsolicited', async () => {
  const { far, peer, call } = open()
  using _ = peer
  const first = call()
  const { id } = await far.next('work')
  far.say({ id, result: 'first' }, { id, result: 'second' }, { id, error: { code: 1, message: 'third' } })
  expect(await first).toBe('first')
  const next = call()
  far.say({ id: (await far.next('work')).id, result: 'next' })
  expect(await next).toBe('next')
  expect(peer.statistics).toMatchObject({ unsolicited: 2, late: 0 })
})

test('an answer after the timeout is dropped once, and unsolicited the second time', async () => {
  const { far, clock, peer, call } = open()
  using _ = peer
  const slow = failureOf(call())
  const { id } = await far.next('work')
  clock.advance(1000)
  expect(await slow).toMatchObject({ code: 'limit.time' })
  const next = call()
  far.say({ id, result: 'late' }, { id, result: 'later' })
  far.say({ id: (await far.next('work')).id, result: 'in time' })
  expect(await next).toBe('in time')
  expect(peer.statistics).toMatchObject({ late: 1, unsolicited: 1 })
})

test('calls that are abandoned and never answered are not remembered without end', async () => {
  const { far, clock, peer, call } = open({ maxAbandoned: 50 })
  using _ = peer
  for (let round = 0; round < 4; round++) {
    const calls = Array.from({ length: 50 }, () => failureOf(call()))
    for (let index = 0; index < 50; index++) await far.next('work')
    clock.advance(1000)
    await Promise.all(calls)
  }
  expect(peer.statistics).toMatchObject({ abandoned: 50, callsOut: 0, callsIn: 0 })
})
