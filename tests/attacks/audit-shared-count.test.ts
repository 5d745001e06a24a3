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

test.fails('denials of one user are never counted under another user', () => {
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
