import { expect, test } from 'vitest'
import { makeLookupLanes } from './lookup-lanes.ts'

const never = (): Promise<string> => new Promise(() => {})

test('an owner whose look-ups hang delays itself and nobody else', async () => {
  const lanes = makeLookupLanes(2, 64)
  const hanging = Array.from({ length: 50 }, () => lanes.run('hostile', undefined, never))
  expect(hanging).toHaveLength(50)
  for (const owner of ['a', 'b', 'a']) expect(await lanes.run(owner, undefined, async () => owner)).toBe(owner)
})

test('giving up does not free a turn that getaddrinfo still holds, but leaves the queue', async () => {
  const lanes = makeLookupLanes(1, 2)
  const started: number[] = []
  const begin = (n: number) => async (): Promise<number> => {
    started.push(n)
    return n
  }
  let finish = (_: number): void => {}
  const first = lanes.run('a', undefined, () => new Promise<number>((resolve) => (finish = resolve)))
  const aborted = new AbortController()
  const second = lanes.run('a', aborted.signal, begin(2))
  const third = lanes.run('a', undefined, begin(3))
  await expect(lanes.run('a', undefined, begin(4))).rejects.toMatchObject({ code: 'EAI_AGAIN' })
  aborted.abort()
  await expect(second).rejects.toMatchObject({ code: 'call.cancelled' })
  expect(started).toEqual([])
  finish(1)
  expect(await Promise.all([first, third])).toEqual([1, 3])
  expect(started).toEqual([3])
})

test('owners take turns', async () => {
  const lanes = makeLookupLanes(1, 64)
  const order: string[] = []
  const run = (owner: string): Promise<void> =>
    lanes.run(owner, undefined, async () => {
      order.push(owner)
    })
  await Promise.all([run('a'), run('a'), run('a'), run('b')])
  expect(order.indexOf('b')).toBeLessThan(2)
})
