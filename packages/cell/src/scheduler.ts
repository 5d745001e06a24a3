// Who runs on a thread: one guest at a time. It gives the thread to tasks in order, loads and saves the registers when
// they change over, counts their time, and decides at each check whether the running guest goes on, pauses or dies.

import { BulkheadError } from '@bulkhead/kernel/wire'
import { epochWords, type Registers } from './registers.ts'
import { type CellTask, stateBits } from './task.ts'

/**
 * How long a guest runs at a stretch, ms. It then pauses whether or not anybody is known to wait: calls that have just
 * arrived may not have come to ask for the thread yet. A pause costs some microseconds.
 */
export const sliceMs = 2

/** Calls back once the thread has taken what waits for it: messages, timers, whatever has been set going. */
export type NextTurn = (run: () => void) => void

/** Answers of {@link Scheduler.interrupt}, as the meter's code reads them. */
const answers = { goOn: 0, die: 1, pause: 2 } as const

interface Waiting {
  readonly task: CellTask
  readonly start: () => void
}

/** See the file's head. */
export class Scheduler {
  readonly #registers: Registers
  readonly #nextTurn: NextTurn
  readonly #queue: Waiting[] = []
  #current: CellTask | undefined
  #sinceMs = 0
  /** Since when tasks have followed each other without a turn of the thread. */
  #chainMs = 0
  #nested = 0
  /** What the register of the state holds while nobody runs. */
  #leftState = 0
  #waker: (() => void) | undefined

  constructor(registers: Registers, nextTurn: NextTurn) {
    this.#registers = registers
    this.#nextTurn = nextTurn
  }

  /** The task whose guest code runs. */
  get current(): CellTask | undefined {
    return this.#current
  }

  /** Whether no task runs or waits for the thread. */
  get isIdle(): boolean {
    return this.#current === undefined && this.#queue.length === 0
  }

  /** Called when a task takes the thread; the ticker may sleep. */
  set waker(wake: () => void) {
    this.#waker = wake
  }

  /** Calls back in the thread's next turn. */
  later(run: () => void): void {
    this.#nextTurn(run)
  }

  /** Takes the thread for a task if it is free. */
  tryAcquire(task: CellTask): boolean {
    if (this.#current !== undefined || this.#queue.length > 0) return false
    this.#begin(task)
    this.#chainMs = this.#sinceMs
    return true
  }

  /**
   * Takes the thread for a task, now if it is free. Undefined: it has it. One that was ended comes first: it only unwinds,
   * and its thread is taken for stuck if that does not happen soon.
   */
  acquire(task: CellTask): Promise<void> | undefined {
    if (this.tryAcquire(task)) return undefined
    return new Promise((start) => {
      const waiting = { task, start }
      if (task.ended === undefined) this.#queue.push(waiting)
      else this.#queue.unshift(waiting)
    })
  }

  /** The task was ended: if it waits for the thread, it is next. */
  hurry(task: CellTask): void {
    const index = this.#queue.findIndex((waiting) => waiting.task === task)
    if (index > 0) this.#queue.unshift(...this.#queue.splice(index, 1))
  }

  /** Gives the thread back, if the task has it, to whoever is next; in a new turn when the last one was some time ago. */
  release(task: CellTask): void {
    if (this.#current !== task) return
    this.#leave(task)
    if (this.#queue.length === 0) return
    if (performance.now() - this.#chainMs < sliceMs) this.#beginNext()
    else this.#nextTurn(this.#beginChain)
  }

  /** Whether the running guest may be paused and may wait: not with JavaScript between its frames. */
  get canWait(): boolean {
    return this.#current !== undefined && this.#nested === 0
  }

  /** Runs host code under which guest code is entered: it cannot be paused there. */
  nested<T>(run: () => T): T {
    this.#nested++
    try {
      return run()
    } finally {
      this.#nested--
    }
  }

  /** As {@link nested}, for what the task that has the thread still waits for. */
  async nestedAsync<T>(running: Promise<T>): Promise<T> {
    this.#nested++
    try {
      return await running
    } finally {
      this.#nested--
    }
  }

  /** Guest code meets a raised flag, or ran out of fuel. Plain JavaScript: it must neither throw nor wait. */
  readonly interrupt = (): number => {
    const { words, state, fuel, allocation } = this.#registers
    Atomics.store(words, epochWords.flag, 0)
    const task = this.#current
    // Guest code that runs for nobody has escaped the scheduler: a fault of ours, and no reason to let it go on.
    if (task === undefined) return answers.die
    const nowMs = performance.now()
    const runMs = nowMs - this.#sinceMs
    if (task.ended === undefined) {
      const { bounds } = task
      if (bounds.fuel !== undefined && (fuel.value as bigint) < 0n) {
        task.end(new BulkheadError('limit.fuel', `the plugin used up its fuel of ${bounds.fuel}`))
      } else if (bounds.allocationBytes !== undefined && (allocation.value as bigint) < 0n) {
        task.end(
          new BulkheadError('limit.memory', 'the plugin allocated more garbage-collected objects than its limit'),
        )
      } else if (task.cpuMs + runMs > bounds.cpuMs) {
        task.end(
          new BulkheadError('limit.cpu', `the plugin ran for more than its limit of ${bounds.cpuMs} ms of CPU time`),
        )
      } else if (nowMs > task.wallDeadlineMs) {
        task.end(new BulkheadError('limit.time', 'the plugin ran past its time limit'))
      } else if (Atomics.load(words, epochWords.cancelled) === task.id) {
        task.end(new BulkheadError('call.cancelled', 'the call was cancelled'))
      }
    }
    if (task.ended !== undefined) {
      state.value = Number(state.value) | stateBits.dead
      return answers.die
    }
    return this.#nested > 0 || runMs < sliceMs ? answers.goOn : answers.pause
  }

  /**
   * The guest pauses: others have their turn first. The thread turns in between, so that it hears of those that come, and
   * of calls that are cancelled, however many guests have something to do. For a suspending import.
   */
  readonly pause = async (): Promise<void> => {
    const task = this.#current
    if (task === undefined) return
    this.#leave(task)
    await new Promise<void>((resolve) => {
      this.#nextTurn(() => {
        this.#beginChain()
        resolve()
      })
    })
    await this.acquire(task)
  }

  /**
   * The running guest calls something that may wait: gives the thread away, and takes it back when the answer is there.
   * The time between counts to neither limit, unless it is the guest's own (it wants to sleep). What is no promise is
   * answered at once. @throws BulkheadError `plugin.trap` where the guest cannot be suspended
   */
  wait(run: () => unknown, isGuestTime: boolean): unknown {
    const task = this.#current
    // Before anything is done or given away: where it cannot be suspended, the guest would run on without the thread.
    if (task === undefined || this.#nested > 0) {
      throw new BulkheadError('plugin.trap', 'the plugin made a waiting host call where it cannot wait', {
        hint: 'Host calls cannot be made from a guest function that JavaScript calls back.',
      })
    }
    const answer = run()
    if (!(answer instanceof Promise)) return answer
    this.release(task)
    return this.#resume(task, answer, isGuestTime)
  }

  async #resume(task: CellTask, answer: Promise<unknown>, isGuestTime: boolean): Promise<unknown> {
    const leftMs = performance.now()
    try {
      return await answer
    } finally {
      if (!isGuestTime) task.wallDeadlineMs += performance.now() - leftMs
      await this.acquire(task)
    }
  }

  /** In a turn of the thread: whoever is next begins, unless somebody has. */
  readonly #beginChain = (): void => {
    if (this.#current !== undefined) return
    this.#chainMs = performance.now()
    this.#beginNext()
  }

  #beginNext(): void {
    const next = this.#queue.shift()
    if (next === undefined) return
    this.#begin(next.task)
    next.start()
  }

  #begin(task: CellTask): void {
    const { words, state, fuel, allocation } = this.#registers
    this.#current = task
    if (task.state !== this.#leftState) state.value = task.state
    if (task.bounds.fuel !== undefined) fuel.value = task.fuel
    if (task.bounds.allocationBytes !== undefined) allocation.value = task.allocation
    Atomics.store(words, epochWords.busy, 1)
    this.#waker?.()
    this.#sinceMs = performance.now()
  }

  #leave(task: CellTask): void {
    const { words, state, fuel, allocation } = this.#registers
    task.cpuMs += performance.now() - this.#sinceMs
    this.#leftState = Number(state.value)
    task.state |= this.#leftState
    if (task.bounds.fuel !== undefined) task.fuel = fuel.value as bigint
    if (task.bounds.allocationBytes !== undefined) task.allocation = allocation.value as bigint
    Atomics.store(words, epochWords.busy, 0)
    this.#current = undefined
  }
}
