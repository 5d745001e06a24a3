import { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { nodeClock } from './clock-node.ts'
import { openSignal } from './signals-node.ts'

test('a foreign reason becomes call.cancelled, a typed one stays', () => {
  const foreign = new AbortController()
  using a = openSignal(nodeClock, { parents: [foreign.signal] })
  foreign.abort('enough')
  expect(a.signal.reason).toMatchObject({ code: 'call.cancelled' })

  const typed = new AbortController()
  using b = openSignal(nodeClock, { parents: [undefined, typed.signal] })
  typed.abort(new BulkheadError('host.closed', 'closed'))
  expect(b.signal.reason).toMatchObject({ code: 'host.closed' })
})

test('a parent that is already aborted aborts at once', () => {
  using owned = openSignal(nodeClock, { parents: [AbortSignal.abort()] })
  expect(owned.signal.aborted).toBe(true)
})

test('after disposal neither timer nor parent can abort it', async () => {
  const parent = new AbortController()
  const owned = openSignal(nodeClock, { parents: [parent.signal], afterMs: 5 })
  owned[Symbol.dispose]()
  parent.abort()
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(owned.signal.aborted).toBe(false)
})
