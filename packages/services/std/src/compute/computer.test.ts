// The threads: what ends them, what one plugin can do to another, and that the host's loop goes on.

import { expect, test } from 'vitest'
import { Computer } from './computer-node.ts'

const signal = new AbortController().signal
const small = { graph: { nodes: 2, from: Int32Array.of(0), to: Int32Array.of(1), directed: true }, start: 0 }
/** A search for all matches that is quadratic: it takes minutes. */
const endless = { pattern: 'a*?b|a', flags: '', text: 'a'.repeat(1_000_000), limit: 250_000 }
const threads = (): number =>
  process.getActiveResourcesInfo().filter((name) => name === 'MessagePort' || name === 'Worker').length
/** Listens at once, so that no failure is unheard. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'it did not fail',
    (error: unknown) => error,
  )
const started = (): { readonly count: () => number } & Disposable => {
  let count = 0
  const seen = (): void => void count++
  process.on('worker', seen)
  return { count: () => count, [Symbol.dispose]: () => void process.off('worker', seen) }
}

test('one thread serves one after the other, and none is started before', async () => {
  using seen = started()
  await using computer = new Computer()
  expect(seen.count()).toBe(0)
  for (let round = 0; round < 3; round++) {
    const { order } = await computer.compute('graph.bfs', small, { principal: 'a', signal })
    expect(Array.from(order)).toEqual([0, 1])
  }
  expect(seen.count()).toBe(1)
})

test('the end of the host call ends what it computes and nothing else; the loop goes on meanwhile', async () => {
  await using computer = new Computer()
  const ended = new AbortController()
  const hostile = computer.compute('regex.find_all', endless, { principal: 'hostile', signal: ended.signal })
  const failed = failureOf(hostile)
  // Others compute while the hostile one holds its thread: had it held the loop, none of this would come to pass.
  for (let round = 0; round < 5; round++) {
    await computer.compute('graph.bfs', small, { principal: `other ${round}`, signal })
  }
  ended.abort(new Error('its time is over'))
  expect(await failed).toMatchObject({ message: 'its time is over' })
  await computer.compute('graph.bfs', small, { principal: 'hostile', signal })
})

test('the thread of a computation that was given up is there again for the next', async () => {
  await using computer = new Computer({ threads: 1 })
  const ended = new AbortController()
  const hostile = computer.compute('regex.find_all', endless, { principal: 'hostile', signal: ended.signal })
  const failed = failureOf(hostile)
  await new Promise((resolve) => setTimeout(resolve, 50))
  ended.abort(new Error('over'))
  expect(await failed).toMatchObject({ message: 'over' })
  await computer.compute('graph.bfs', small, { principal: 'other', signal })
})

test('a principal holds one thread, however much it asks for', async () => {
  using seen = started()
  await using computer = new Computer({ threads: 4 })
  const ended = new AbortController()
  const flood = Array.from({ length: 10 }, () =>
    computer.compute('regex.find_all', endless, { principal: 'flood', signal: ended.signal }),
  )
  const settled = Promise.allSettled(flood)
  await computer.compute('graph.bfs', small, { principal: 'other', signal })
  expect(seen.count()).toBe(2)
  ended.abort(new Error('over'))
  expect((await settled).map(({ status }) => status)).toEqual(flood.map(() => 'rejected'))
})

test('a computation that needs too much memory fails alone', async () => {
  await using computer = new Computer({ memoryMiB: 16 })
  const text = '1,'.repeat(2_000_000)
  await expect(
    computer.compute(
      'csv.format',
      { json: `[[${text}1]]`, delimiter: ',', newline: '\n', header: true },
      { principal: 'a', signal },
    ),
  ).rejects.toMatchObject({
    code: 'limit.memory',
  })
  await computer.compute('graph.bfs', small, { principal: 'a', signal })
})

test('a thread without work ends by itself', async () => {
  const before = threads()
  await using computer = new Computer({ idleMs: 1 })
  await computer.compute('graph.bfs', small, { principal: 'a', signal })
  await expect.poll(threads, { timeout: 10_000 }).toBe(before)
  await computer.compute('graph.bfs', small, { principal: 'a', signal })
})

test('what is under way when the host closes fails, and nothing more is taken', async () => {
  const computer = new Computer()
  const hostile = computer.compute('regex.find_all', endless, { principal: 'a', signal })
  const failed = failureOf(hostile)
  await new Promise((resolve) => setTimeout(resolve, 20))
  await computer[Symbol.asyncDispose]()
  expect(await failed).toMatchObject({ code: 'host.closed' })
  await expect(computer.compute('graph.bfs', small, { principal: 'a', signal })).rejects.toMatchObject({
    code: 'host.closed',
  })
})

/** Principals who compute without an end, one thing each. */
const holdAll = (computer: Computer, held: AbortSignal): Promise<unknown>[] =>
  Array.from({ length: 6 }, (_, index) =>
    failureOf(computer.compute('regex.find_all', endless, { principal: `hostile ${index}`, signal: held })),
  )

test('however many principals hold threads, what is short is computed', async () => {
  await using computer = new Computer({ threads: 4 })
  const ended = new AbortController()
  const held = holdAll(computer, ended.signal)
  for (let round = 0; round < 3; round++) {
    const { order } = await computer.compute('graph.bfs', small, { principal: 'other', signal })
    expect(Array.from(order)).toEqual([0, 1])
  }
  ended.abort(new Error('over'))
  expect(await Promise.all(held)).toEqual(held.map(() => expect.objectContaining({ message: 'over' }) as unknown))
})

test('a short input that takes long leaves the thread that is kept for short ones', async () => {
  await using computer = new Computer({ threads: 2, shortMs: 1000 })
  const ended = new AbortController()
  // As short as may be, and quadratic: it takes minutes.
  const sly = { ...endless, text: 'a'.repeat(60_000) }
  const held = Array.from({ length: 3 }, (_, index) =>
    failureOf(computer.compute('regex.find_all', sly, { principal: `hostile ${index}`, signal: ended.signal })),
  )
  await computer.compute('graph.bfs', small, { principal: 'other', signal })
  ended.abort(new Error('over'))
  expect(await Promise.all(held)).toEqual(held.map(() => expect.objectContaining({ message: 'over' }) as unknown))
})

test('who holds a thread for long makes way for one who waits, and for nobody else', async () => {
  await using computer = new Computer({ threads: 2, heldMs: 20 })
  const ended = new AbortController()
  const first = failureOf(computer.compute('regex.find_all', endless, { principal: 'first', signal: ended.signal }))
  const long = { text: 'a,b\n'.repeat(50_000), header: false, delimiter: ',' }
  const rows = await computer.compute('csv.parse', long, { principal: 'second', signal })
  expect(JSON.parse(rows)).toHaveLength(50_000)
  expect(await first).toMatchObject({ code: 'limit.host-call-time' })
  // Nobody waits now.
  const alone = failureOf(computer.compute('regex.find_all', endless, { principal: 'third', signal: ended.signal }))
  await new Promise((resolve) => setTimeout(resolve, 100))
  ended.abort(new Error('over'))
  expect(await alone).toMatchObject({ message: 'over' })
})
