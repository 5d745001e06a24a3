import { expect, test } from 'vitest'
import { Deadlines } from './deadlines.ts'

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

test('calls end at their own deadlines, one that moved at its new one, one that is done not at all', async () => {
  using deadlines = new Deadlines({
    monotonic: () => performance.now(),
    after: (ms, run) => {
      const timer = setTimeout(run, ms)
      return { [Symbol.dispose]: () => clearTimeout(timer) }
    },
  })
  const heard: string[] = []
  const bounded = (name: string, ms: number) => ({
    deadlineMs: performance.now() + ms,
    overdue: () => void heard.push(name),
  })
  const late = bounded('late', 60)
  const done = bounded('done', 40)
  const moved = bounded('moved', 20)
  deadlines.add(late)
  const watch = deadlines.add(done)
  deadlines.add(moved)
  deadlines.add(bounded('endless', Number.POSITIVE_INFINITY))
  moved.deadlineMs += 100
  await sleep(30)
  watch.leave()
  expect(heard).toEqual([])
  await sleep(60)
  expect(heard).toEqual(['late'])
  await sleep(80)
  expect(heard).toEqual(['late', 'moved'])
})
