// A plugin that acts in the name of a call that is not its own: another plugin's, one that is over, or one that it makes
// up. A host call reaches the dispatch of a call that is under way for this very plugin, or none.

import type { Dispatch } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { turn } from '../support/protocol-peer.ts'
import { failureOf, openTarget } from '../support/protocol-target.ts'

const callOf = (callId: string, dispatch: Dispatch) => ({
  callId,
  action: 'run',
  input: null,
  timeoutMs: 1000,
  dispatch,
  log: () => {},
})

test('the id of another plugin’s call is worth nothing', async () => {
  const victim = await openTarget()
  const thief = await openTarget()
  using _victim = victim.plugin
  using _thief = thief.plugin
  const asked: string[] = []
  const dispatch: Dispatch = async (name) => {
    asked.push(name)
    return { ok: true, payload: { json: '"secret"' } }
  }
  const call = failureOf(victim.plugin.call(callOf('victims-call', dispatch)))
  await victim.far.next('action/call')
  const guesses = ['victims-call', 'VICTIMS-CALL', '', '__proto__', 'constructor', 'toString']
  for (const [id, callId] of guesses.entries())
    thief.far.say({ id, method: 'host/call', params: { callId, function: 'kv.get' } })
  for (const [id] of guesses.entries())
    expect(await thief.far.answer(id)).toMatchObject({ error: { data: { code: 'call.cancelled' } } })
  for (const [id, callId] of [{}, [], null, 7, ['victims-call']].entries())
    thief.far.say({ id, method: 'host/call', params: { callId, function: 'kv.get' } })
  for (let id = 0; id < 5; id++) expect(await thief.far.answer(id)).toMatchObject({ error: { code: -32_602 } })
  thief.far.say({
    id: 9,
    method: 'host/call',
    params: { callId: 'victims-call', function: 'kv.get', principal: 'victim' },
  })
  expect(await thief.far.answer(9)).toMatchObject({ error: { code: -32_602 } })
  expect(asked).toEqual([])
  victim.plugin[Symbol.dispose]()
  expect(await call).toMatchObject({ code: 'call.cancelled' })
})

test('each call under way has its own dispatch, and none after its end', async () => {
  const { far, clock, plugin } = await openTarget()
  using _ = plugin
  const asked: string[] = []
  const dispatchOf =
    (whose: string): Dispatch =>
    async (name) => {
      asked.push(`${whose} ${name}`)
      return { ok: true, payload: { json: 'null' } }
    }
  const first = failureOf(plugin.call(callOf('first', dispatchOf('first'))))
  const second = plugin.call({ ...callOf('second', dispatchOf('second')), timeoutMs: 5000 })
  await far.next('action/call')
  const { id } = await far.next('action/call')
  const ask = async (requestId: number, callId: string) => {
    far.say({ id: requestId, method: 'host/call', params: { callId, function: `f${requestId}` } })
    return far.answer(requestId)
  }
  await ask(1, 'first')
  await ask(2, 'second')
  clock.advance(1000)
  expect(await first).toMatchObject({ code: 'limit.time' })
  expect(await ask(3, 'first')).toMatchObject({ error: { data: { code: 'call.cancelled' } } })
  await ask(4, 'second')
  far.say({ id, result: { output: null } })
  await second
  await turn()
  expect(await ask(5, 'second')).toMatchObject({ error: { data: { code: 'call.cancelled' } } })
  expect(asked).toEqual(['first f1', 'second f2', 'second f4'])
})

test('a call’s id is not taken by a second call while it is under way', async () => {
  const { far, plugin } = await openTarget()
  using _ = plugin
  const refuse: Dispatch = () => Promise.reject(new Error('not asked'))
  const call = plugin.call(callOf('same', refuse))
  expect(await failureOf(plugin.call(callOf('same', refuse)))).toMatchObject({ code: 'host.internal' })
  far.say({ id: (await far.next('action/call')).id, result: { output: 1 } })
  expect(await call).toBe(1)
})
