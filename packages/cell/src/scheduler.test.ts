import { BulkheadError } from '@bulkhead/kernel'
import { expect, test } from 'vitest'
import { epochWords, makeRegisters } from './registers.ts'
import { Scheduler, sliceMs } from './scheduler.ts'
import { CellTask, type TaskBounds, stateBits } from './task.ts'

const open = () => {
  const registers = makeRegisters()
  const turns: (() => void)[] = []
  const scheduler = new Scheduler(registers, (run) => turns.push(run))
  let last = 0
  const task = ({ wallMs = 1000, ...bounds }: Partial<TaskBounds> & { wallMs?: number } = {}): CellTask =>
    new CellTask(++last, { cpuMs: 1000, wallDeadlineMs: performance.now() + wallMs, fuel: undefined, ...bounds })
  /** Next turn of the thread. */
  const turn = (): void => {
    for (const run of turns.splice(0)) run()
  }
  /** Whoever is next has the thread after it, however slow this machine is. */
  const release = (of: CellTask): void => {
    scheduler.release(of)
    turn()
  }
  return { registers, scheduler, turns, turn, release, task }
}

const spin = (ms: number): void => {
  const until = performance.now() + ms
  while (performance.now() < until);
}

/** What is due of a promise that nothing from outside settles. */
const isSettled = async (promise: Promise<unknown>): Promise<boolean> => {
  let settled = false
  void promise.then(() => (settled = true))
  for (let turn = 0; turn < 10; turn++) await Promise.resolve()
  return settled
}

test('one task has the thread at a time, and the others follow in order', async () => {
  const { scheduler, release, task } = open()
  const [a, b, c] = [task(), task(), task()]
  expect(scheduler.acquire(a)).toBeUndefined()
  const forB = scheduler.acquire(b) as Promise<void>
  const forC = scheduler.acquire(c) as Promise<void>
  expect(await isSettled(forB)).toBe(false)
  release(b)
  expect(scheduler.current).toBe(a)
  release(a)
  expect(scheduler.current).toBe(b)
  expect([await isSettled(forB), await isSettled(forC)]).toEqual([true, false])
  release(b)
  expect(scheduler.current).toBe(c)
  release(c)
  expect(scheduler.isIdle).toBe(true)
})

test('registers belong to the task that runs: they are saved and loaded when tasks change over', () => {
  const { registers, scheduler, release, task } = open()
  const a = task({ fuel: 100 })
  const b = task({ fuel: 7 })
  void scheduler.acquire(a)
  expect([registers.state.value, registers.fuel.value]).toEqual([0, 100n])
  registers.state.value = stateBits.growthRefused
  registers.fuel.value = 40n
  void scheduler.acquire(b)
  release(a)
  expect([registers.state.value, registers.fuel.value]).toEqual([0, 7n])
  release(b)
  expect([a.state, a.usage.fuelUsed, b.usage.fuelUsed]).toEqual([stateBits.growthRefused, 60, 0])
})

test('the busy word says whether a guest runs, and the ticker is woken', () => {
  const { registers, scheduler, task } = open()
  let woken = 0
  scheduler.waker = () => void woken++
  const a = task()
  void scheduler.acquire(a)
  expect([Atomics.load(registers.words, epochWords.busy), woken]).toEqual([1, 1])
  scheduler.release(a)
  expect(Atomics.load(registers.words, epochWords.busy)).toBe(0)
})

test.for([
  ['limit.cpu', { cpuMs: 1 }],
  ['limit.time', { wallMs: 1 }],
] as const)('a guest past its bound dies with %s, and its registers say so', ([code, bounds]) => {
  const { registers, scheduler, task } = open()
  const a = task(bounds)
  void scheduler.acquire(a)
  expect(scheduler.interrupt()).toBe(0)
  spin(2)
  expect(scheduler.interrupt()).toBe(1)
  expect(a.ended).toMatchObject({ code })
  expect(Number(registers.state.value) & stateBits.dead).toBe(stateBits.dead)
})

test('a guest without fuel dies, one that was cancelled dies, and code that runs for nobody dies', () => {
  const { registers, scheduler, task } = open()
  expect(scheduler.interrupt()).toBe(1)
  const a = task({ fuel: 5 })
  void scheduler.acquire(a)
  expect(scheduler.interrupt()).toBe(0)
  registers.fuel.value = -1n
  expect(scheduler.interrupt()).toBe(1)
  expect(a.ended).toMatchObject({ code: 'limit.fuel' })
  scheduler.release(a)
  const b = task()
  void scheduler.acquire(b)
  Atomics.store(registers.words, epochWords.cancelled, b.id)
  expect(scheduler.interrupt()).toBe(1)
  expect(b.ended).toMatchObject({ code: 'call.cancelled' })
})

test('a guest pauses after its slice, and never with JavaScript between its frames', () => {
  const { scheduler, task } = open()
  const a = task()
  void scheduler.acquire(a)
  expect(scheduler.interrupt()).toBe(0)
  spin(sliceMs + 0.5)
  expect(scheduler.nested(() => scheduler.interrupt())).toBe(0)
  expect(scheduler.interrupt()).toBe(2)
})

test('a paused guest comes back in turn, with its own registers', async () => {
  const { registers, scheduler, task, turn, release } = open()
  const [a, b] = [task(), task()]
  void scheduler.acquire(a)
  registers.state.value = stateBits.lastingChange
  const paused = scheduler.pause()
  expect([scheduler.current, registers.state.value]).toEqual([undefined, stateBits.lastingChange])
  void scheduler.acquire(b)
  expect(registers.state.value).toBe(0)
  turn()
  expect(await isSettled(paused)).toBe(false)
  release(b)
  expect(await isSettled(paused)).toBe(true)
  expect([scheduler.current, registers.state.value]).toEqual([a, stateBits.lastingChange])
})

test('guests that follow each other leave the thread its turns', async () => {
  const { scheduler, task, turn } = open()
  const [a, b, c] = [task(), task(), task()]
  void scheduler.acquire(a)
  void scheduler.acquire(b)
  void scheduler.acquire(c)
  const paused = scheduler.pause()
  expect(scheduler.current).toBeUndefined()
  turn()
  expect([scheduler.current, await isSettled(paused)]).toEqual([b, false])
  spin(sliceMs + 0.5)
  scheduler.release(b)
  expect([scheduler.current, scheduler.isIdle]).toEqual([undefined, false])
  turn()
  expect(scheduler.current).toBe(c)
})

test('a task that was ended comes before those that wait', async () => {
  const { scheduler, task, release } = open()
  const [a, b, c, d] = [task(), task(), task(), task()]
  const enough = new BulkheadError('call.cancelled', 'enough')
  void scheduler.acquire(a)
  void scheduler.acquire(b)
  void scheduler.acquire(c)
  c.end(enough)
  scheduler.hurry(c)
  d.end(enough)
  void scheduler.acquire(d)
  const order = []
  for (let next = scheduler.current; next !== undefined; next = scheduler.current) {
    order.push(next)
    release(next)
  }
  expect(order).toEqual([a, d, c, b])
})

test('waiting for the host counts to neither limit, sleeping counts to the wall limit', async () => {
  const { scheduler, task } = open()
  const waited = async (isGuestTime: boolean): Promise<CellTask> => {
    const a = task({ cpuMs: 20, wallMs: 30 })
    void scheduler.acquire(a)
    const pause = new Promise<void>((resolve) => setTimeout(resolve, 50))
    await scheduler.wait(() => pause, isGuestTime)
    scheduler.interrupt()
    scheduler.release(a)
    return a
  }
  expect((await waited(false)).ended).toBeUndefined()
  expect((await waited(true)).ended).toMatchObject({ code: 'limit.time' })
})

test('where a guest cannot be suspended, a host call is refused before anything is done', () => {
  const { scheduler, task } = open()
  const a = task()
  void scheduler.acquire(a)
  let ran = false
  const call = (): unknown => scheduler.wait(() => (ran = true), false)
  expect(() => scheduler.nested(call)).toThrow(expect.objectContaining({ code: 'plugin.trap' }))
  expect([ran, scheduler.current]).toEqual([false, a])
  scheduler.release(a)
  expect(call).toThrow(expect.objectContaining({ code: 'plugin.trap' }))
})
