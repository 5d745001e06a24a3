// A plugin that serves several users fills its counts with kinds of its own making: what it is then refused for another
// user must not be counted under the first one's name.

import { expect, test } from 'vitest'
import { Coalescer } from '../../packages/kernel/src/audit/coalesce.ts'
import type { AuditEvent } from '../../packages/kernel/src/audit/record.ts'

const denial = (user: string, name: string): AuditEvent => ({
  type: 'capability_check',
  result: 'denied',
  principal: 'plugin',
  user,
  function: name,
})

test('denials of one user are never counted under another user', () => {
  const coalescer = new Coalescer()
  let ids = 0
  const source = { makeId: () => `id-${++ids}`, time: () => 0 }
  const admit = (event: AuditEvent): string | undefined => coalescer.admit(event, 'flush', 0, source)
  // Empties the bucket, then opens every window and the one that further kinds share.
  for (let index = 0; index < 233; index++) admit(denial('alice', `made.up-${index}`))
  const id = admit(denial('bob', 'fs.write'))
  const users = id === undefined ? 'bob' : coalescer.close().find((record) => record.id === id)?.event.user
  expect(users).toBe('bob')
})

test('beyond that many users, what they share names none of them', () => {
  const coalescer = new Coalescer({ burst: 0, perSecond: 0.001, windowMs: 1000, shapes: 2 })
  let ids = 0
  const source = { makeId: () => `id-${++ids}`, time: () => 0 }
  for (const user of ['u1', 'u2', 'u3', 'u4']) {
    for (const name of ['a', 'b', 'c']) {
      coalescer.admit({ ...denial(user, name), workspace: 'w', callId: 'c', capabilities: ['x'] }, 'flush', 0, source)
    }
  }
  const counts = coalescer.close().map(({ event }) => event)
  expect(counts.map(({ user, function: name, details }) => [user, name, details?.['count']])).toEqual([
    ['u1', 'a', 1],
    ['u1', 'b', 1],
    ['u1', undefined, 1],
    ['u2', undefined, 3],
    [undefined, undefined, 6],
  ])
  const rest = counts.at(-1)
  expect(rest).toMatchObject({ type: 'coalesced', result: 'denied', principal: 'plugin', details: { mixed: true } })
  expect(Object.keys(rest ?? {}).sort()).toEqual(['details', 'principal', 'result', 'type', 'why'])
})
