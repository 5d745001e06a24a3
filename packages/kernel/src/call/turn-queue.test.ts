import { expect, test } from 'vitest'
import { makeTurnQueue } from './turn-queue.ts'

const never = new AbortController().signal

test('a key has so many turns at once, in order, and keys do not wait for each other', async () => {
  const queue = makeTurnQueue(2)
  const [first, second] = [await queue.take('a', never), await queue.take('a', never)]
  const order: string[] = []
  const third = queue.take('a', never).then((turn) => (order.push('third'), turn))
  const fourth = queue.take('a', never).then((turn) => (order.push('fourth'), turn))
  using _ = await queue.take('b', never)
  expect(order).toEqual([])
  first[Symbol.dispose]()
  // Disposing twice gives no second turn away.
  first[Symbol.dispose]()
  const held = await third
  expect(order).toEqual(['third'])
  second[Symbol.dispose]()
  held[Symbol.dispose]()
  ;(await fourth)[Symbol.dispose]()
  expect(order).toEqual(['third', 'fourth'])
})

test('whoever aborts leaves the line', async () => {
  const queue = makeTurnQueue(1)
  const first = await queue.take('a', never)
  const leaving = new AbortController()
  const left = queue.take('a', leaving.signal)
  const last = queue.take('a', never)
  leaving.abort(new Error('over'))
  await expect(left).rejects.toThrow('over')
  await expect(queue.take('a', leaving.signal)).rejects.toThrow('over')
  first[Symbol.dispose]()
  ;(await last)[Symbol.dispose]()
})
