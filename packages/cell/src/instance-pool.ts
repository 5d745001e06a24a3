// The instances of one guest. An instance runs one call at a time. With fresh state for each call, one that served is put
// back to its first state and may then serve anybody; with isolation `per-plugin` it is kept as it is for the
// security context that it served, and serves no other. An instance whose call failed is thrown away.

import type { Awaitable, Isolation, Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Guest, GuestCall, GuestInstance, GuestResult } from './driver.ts'
import type { IdleInstances, Owner } from './idle-instances.ts'
import type { NextTurn } from './scheduler.ts'

/** Instances that keep state for a context; the one used longest ago goes first. */
const mostKept = 32
/** Memory of instances that keep state, as a multiple of the limit of one. */
const mostKeptMemories = 4

/** What of an artifact the pool goes by, and what it shares with the other guests of its thread. */
export interface PoolOptions {
  readonly isolation: Isolation
  readonly limits: Pick<Limits, 'memoryBytes'>
  readonly idle: IdleInstances
  readonly later: NextTurn
}

/** The outcome of a call, and how much memory its instance had at the end. */
export interface PoolResult {
  readonly result: GuestResult
  readonly memoryBytes: number
}

/** An instance that keeps its state for a context. */
interface Kept {
  /** Absent until it is opened. */
  instance: GuestInstance | undefined
  isBusy: boolean
  /** Memory after its last call. */
  bytes: number
}

/** See the file's head. */
export class InstancePool implements Disposable, Owner {
  readonly #guest: Guest
  readonly #options: PoolOptions
  /** By security context, in order of use. */
  readonly #kept = new Map<string, Kept>()
  /** Restored and ready. */
  readonly #ready: GuestInstance[] = []
  /** Served, not yet restored. */
  readonly #served = new Set<GuestInstance>()
  /** Calls that wait until it is time for a new instance. */
  readonly #line: (() => void)[] = []
  /** Whether one was opened in this turn. */
  #hasOpened = false
  #closed = false

  constructor(guest: Guest, options: PoolOptions) {
    this.#guest = guest
    this.#options = options
  }

  /** Runs one call on an instance of its own context. @throws BulkheadError, or rejects with it */
  run(call: GuestCall): Awaitable<PoolResult> {
    return this.#options.isolation === 'per-call' ? this.#runFresh(call) : this.#runKept(call)
  }

  ready(instance: GuestInstance): void {
    this.#served.delete(instance)
    this.#ready.push(instance)
  }

  drop(instance: GuestInstance): void {
    this.#served.delete(instance)
    const index = this.#ready.indexOf(instance)
    if (index >= 0) this.#ready.splice(index, 1)
  }

  /** Drops every instance; one that runs is dropped when its call ends. */
  [Symbol.dispose](): void {
    this.#closed = true
    for (const instance of [...this.#ready, ...this.#served]) this.#options.idle.drop(instance)
    for (const { instance, isBusy } of this.#kept.values()) {
      if (!isBusy) instance?.[Symbol.dispose]()
    }
    this.#kept.clear()
  }

  #runFresh(call: GuestCall): Awaitable<PoolResult> {
    const instance = this.#takeReady()
    return instance === undefined ? this.#openAndRun(call) : this.#runOn(instance, call)
  }

  async #openAndRun(call: GuestCall): Promise<PoolResult> {
    return this.#runOn(await this.#open(call), call)
  }

  #runOn(instance: GuestInstance, call: GuestCall): Awaitable<PoolResult> {
    let result: Awaitable<GuestResult>
    try {
      result = instance.call(call)
    } catch (thrown) {
      instance[Symbol.dispose]()
      throw thrown
    }
    return result instanceof Promise ? this.#putBackLater(instance, result) : this.#putBack(instance, result)
  }

  async #putBackLater(instance: GuestInstance, running: Promise<GuestResult>): Promise<PoolResult> {
    let result: GuestResult
    try {
      result = await running
    } catch (thrown) {
      instance[Symbol.dispose]()
      throw thrown
    }
    return this.#putBack(instance, result)
  }

  #putBack(instance: GuestInstance, result: GuestResult): PoolResult {
    const memoryBytes = instance.memoryBytes()
    if (this.#closed) instance[Symbol.dispose]()
    else {
      this.#served.add(instance)
      this.#options.idle.put(instance, this)
    }
    return { result, memoryBytes }
  }

  /**
   * Opens a new one, or takes one that has become ready. Of many calls that come at once, each turn of the thread opens one:
   * meanwhile some end, and putting theirs back takes less time, and less memory, than new ones.
   */
  async #open({ task, signal }: GuestCall): Promise<GuestInstance> {
    if (this.#hasOpened) {
      const isNext = await this.#wait(signal)
      const ready = task.ended === undefined ? this.#takeReady() : undefined
      if (isNext && (ready !== undefined || task.ended !== undefined)) this.#line.shift()?.()
      if (task.ended !== undefined) throw task.ended
      if (ready !== undefined) return ready
    }
    this.#hasOpened = true
    this.#options.later(() => {
      this.#hasOpened = false
      this.#line.shift()?.()
    })
    return this.#guest.open(task)
  }

  /** Waits in line; false when the call ended first: its thread would be taken for stuck if it waited on. */
  #wait(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const next = (): void => {
        signal.removeEventListener('abort', leave)
        resolve(true)
      }
      const leave = (): void => {
        this.#line.splice(this.#line.indexOf(next), 1)
        resolve(false)
      }
      this.#line.push(next)
      signal.addEventListener('abort', leave, { once: true })
    })
  }

  /** One that is ready, or one that served and can be made so now. */
  #takeReady(): GuestInstance | undefined {
    for (let instance = this.#ready.pop(); instance !== undefined; instance = this.#ready.pop()) {
      if (this.#options.idle.take(instance)) return instance
    }
    for (const instance of this.#served) {
      this.#served.delete(instance)
      if (this.#options.idle.take(instance)) return instance
    }
    return undefined
  }

  #runKept(call: GuestCall): Awaitable<PoolResult> {
    const kept = this.#keptFor(call.contextKey)
    if (kept.isBusy) {
      // The host serialises the calls of one context; interleaving them would corrupt the guest's stack.
      throw new BulkheadError('host.internal', 'two calls were sent to one instance at once')
    }
    kept.isBusy = true
    const { instance } = kept
    if (instance === undefined) return this.#keepLater(kept, call, this.#openKept(kept, call))
    let result: Awaitable<GuestResult>
    try {
      result = instance.call(call)
    } catch (thrown) {
      this.#lose(call.contextKey, kept)
      throw thrown
    }
    return result instanceof Promise ? this.#keepLater(kept, call, result) : this.#keep(kept, instance, result)
  }

  async #openKept(kept: Kept, call: GuestCall): Promise<GuestResult> {
    kept.instance = await this.#guest.open(call.task)
    return kept.instance.call(call)
  }

  async #keepLater(kept: Kept, call: GuestCall, running: Promise<GuestResult>): Promise<PoolResult> {
    try {
      const result = await running
      return this.#keep(kept, kept.instance as GuestInstance, result)
    } catch (thrown) {
      this.#lose(call.contextKey, kept)
      throw thrown
    }
  }

  #keep(kept: Kept, instance: GuestInstance, result: GuestResult): PoolResult {
    kept.isBusy = false
    const memoryBytes = instance.memoryBytes()
    this.#prune(kept, memoryBytes)
    return { result, memoryBytes }
  }

  /** What is kept for a context, as the one that was used last. */
  #keptFor(key: string): Kept {
    const known = this.#kept.get(key)
    if (known !== undefined && (this.#kept.size === 1 || known.isBusy)) return known
    const kept = known ?? { instance: undefined, isBusy: false, bytes: 0 }
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    return kept
  }

  #lose(key: string, kept: Kept): void {
    if (this.#kept.get(key) === kept) this.#kept.delete(key)
    kept.instance?.[Symbol.dispose]()
    kept.instance = undefined
  }

  /** After a call of one that is kept: those used longest ago go where there are too many. */
  #prune(used: Kept, bytes: number): void {
    used.bytes = bytes
    if (this.#closed) {
      used.instance?.[Symbol.dispose]()
      used.instance = undefined
      return
    }
    if (this.#kept.size === 1) return
    let sum = 0
    for (const kept of this.#kept.values()) sum += kept.bytes
    const most = mostKeptMemories * this.#options.limits.memoryBytes
    for (const [key, kept] of this.#kept) {
      if (this.#kept.size <= mostKept && sum <= most) return
      if (kept.isBusy) continue
      sum -= kept.bytes
      this.#lose(key, kept)
    }
  }
}
