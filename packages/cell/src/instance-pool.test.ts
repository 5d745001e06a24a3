import { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import type { Guest, GuestCall, GuestInstance } from './driver.ts'
import { IdleInstances } from './idle-instances.ts'
import { InstancePool } from './instance-pool.ts'

const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

const open = (isolation: 'per-call' | 'per-plugin' = 'per-call') => {
  const turns: (() => void)[] = []
  const ends: (() => void)[] = []
  let opened = 0
  let disposed = 0
  let resets = 0
  const guest: Guest = {
    actions: {},
    open: async () => {
      opened++
      const instance: GuestInstance = {
        call: () =>
          new Promise((resolve) => {
            ends.push(() => resolve({ output: { kind: 'raw', bytes: new Uint8Array() } }))
          }),
        reset: () => ++resets,
        memoryBytes: () => 65_536,
        [Symbol.dispose]: () => void disposed++,
      }
      return instance
    },
    [Symbol.dispose]: () => undefined,
  }
  const idle = new IdleInstances({ after: () => ({ [Symbol.dispose]: () => undefined }) })
  const pool = new InstancePool(guest, {
    isolation,
    limits: { memoryBytes: 2 ** 20 },
    idle,
    later: (run) => void turns.push(run),
  })
  const task = { ended: undefined as BulkheadError | undefined }
  const run = async (own = task, { signal } = new AbortController()): Promise<unknown> =>
    pool.run({ task: own, contextKey: 'k', signal } as GuestCall)
  const turn = async (): Promise<void> => {
    await settle()
    for (const later of turns.splice(0)) later()
    await settle()
  }
  return { pool, run, turn, ends, count: () => ({ opened, resets, disposed }) }
}

test('of calls that come at once each turn opens an instance, until those that ended serve the rest', async () => {
  const { run, turn, ends, count } = open()
  const calls = Array.from({ length: 10 }, () => run())
  await settle()
  expect(count().opened).toBe(1)
  await turn()
  await turn()
  expect(count()).toEqual({ opened: 3, resets: 0, disposed: 0 })
  for (const end of ends.splice(0)) end()
  await turn()
  // Three were put back and serve again in this one turn, and one more was opened.
  expect(count()).toEqual({ opened: 4, resets: 3, disposed: 0 })
  while (ends.length > 0) {
    for (const end of ends.splice(0)) end()
    await turn()
  }
  await Promise.all(calls)
  expect(count()).toEqual({ opened: 4, resets: 6, disposed: 0 })
})

test('a call that ends while it waits for an instance leaves at once, takes none, and holds nobody up', async () => {
  const { run, turn, ends, count } = open()
  const task = { ended: undefined as BulkheadError | undefined }
  const caller = new AbortController()
  const calls = [run(), run(task, caller), run()]
  await settle()
  task.ended = new BulkheadError('call.cancelled', 'enough')
  caller.abort()
  await expect(Promise.race([settle().then(() => 'not refused'), calls[1]])).rejects.toMatchObject({
    code: 'call.cancelled',
  })
  await turn()
  expect(count().opened).toBe(2)
  for (const end of ends.splice(0)) end()
  await Promise.all([calls[0], calls[2]])
})

test('so does one that ends as it becomes the next', async () => {
  const { run, turn, ends, count } = open()
  const task = { ended: undefined as BulkheadError | undefined }
  const calls = [run(), run(task), run()]
  await settle()
  task.ended = new BulkheadError('call.cancelled', 'enough')
  calls[1]?.catch(() => undefined)
  await turn()
  await expect(calls[1]).rejects.toMatchObject({ code: 'call.cancelled' })
  expect(count().opened).toBe(2)
  for (const end of ends.splice(0)) end()
  await Promise.all([calls[0], calls[2]])
})

test('a kept instance whose call is under way is dropped when that ends, not before', async () => {
  const { pool, run, ends, count } = open('per-plugin')
  const call = run()
  await settle()
  pool[Symbol.dispose]()
  expect(count().disposed).toBe(0)
  for (const end of ends.splice(0)) end()
  await call
  expect(count().disposed).toBe(1)
})
