// The instances of one guest. An instance runs one call at a time. With fresh state for each call, one that served is put
// back to its first state and may then serve anybody; with isolation `per-plugin` it is kept as it is for the
// security context that it served, and serves no other. An instance whose call failed is thrown away.

import type { Isolation, Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Guest, GuestCall, GuestInstance, GuestResult } from './driver.ts'
import type { NoteDiscarded } from './garbage-node.ts'
import type { IdleInstances, Owner } from './idle-instances.ts'

/** Instances that keep state for a context; the one used longest ago goes first. */
const mostKept = 32
/** Memory of instances that keep state, as a multiple of the limit of one. */
const mostKeptMemories = 4

/** What of an artifact the pool goes by, and what it shares with the other guests of its thread. */
export interface PoolOptions {
  readonly isolation: Isolation
  readonly limits: Pick<Limits, 'memoryBytes'>
  readonly idle: IdleInstances
  readonly noteDiscarded: NoteDiscarded
}

/** The outcome of a call, and how much memory its instance had at the end. */
export interface PoolResult {
  readonly result: GuestResult
  readonly memoryBytes: number
}

/** See the file's head. */
export class InstancePool implements Disposable, Owner {
  readonly #guest: Guest
  readonly #options: PoolOptions
  /** By security context, in order of use. */
  readonly #kept = new Map<string, GuestInstance>()
  readonly #busy = new Set<string>()
  /** Restored and ready. */
  readonly #ready: GuestInstance[] = []
  /** Served, not yet restored. */
  readonly #served = new Set<GuestInstance>()
  #closed = false

  constructor(guest: Guest, options: PoolOptions) {
    this.#guest = guest
    this.#options = options
  }

  /** Runs one call on an instance of its own context. @throws BulkheadError */
  async run(call: GuestCall): Promise<PoolResult> {
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
    for (const instance of this.#kept.values()) this.#discard(instance)
    this.#kept.clear()
  }

  async #runFresh(call: GuestCall): Promise<PoolResult> {
    const instance = this.#takeReady() ?? (await this.#guest.open(call.task))
    let done = false
    try {
      const result = await instance.call(call)
      done = true
      return { result, memoryBytes: instance.memoryBytes() }
    } finally {
      if (done && !this.#closed) {
        this.#served.add(instance)
        this.#options.idle.put(instance, this)
      } else this.#discard(instance)
    }
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

  async #runKept(call: GuestCall): Promise<PoolResult> {
    const key = call.contextKey
    if (this.#busy.has(key)) {
      // The host serialises the calls of one context; interleaving them would corrupt the guest's stack.
      throw new BulkheadError('host.internal', 'two calls were sent to one instance at once')
    }
    this.#busy.add(key)
    const kept = this.#kept.get(key)
    this.#kept.delete(key)
    let instance: GuestInstance | undefined
    try {
      instance = kept ?? (await this.#guest.open(call.task))
      const result = await instance.call(call)
      this.#keep(key, instance)
      return { result, memoryBytes: instance.memoryBytes() }
    } catch (thrown) {
      if (instance !== undefined) this.#discard(instance)
      throw thrown
    } finally {
      this.#busy.delete(key)
    }
  }

  #keep(key: string, instance: GuestInstance): void {
    if (this.#closed) {
      this.#discard(instance)
      return
    }
    this.#kept.set(key, instance)
    if (this.#kept.size === 1) return
    let bytes = 0
    for (const kept of this.#kept.values()) bytes += kept.memoryBytes()
    for (const [oldest, kept] of this.#kept) {
      if (this.#kept.size <= mostKept && bytes <= mostKeptMemories * this.#options.limits.memoryBytes) return
      bytes -= kept.memoryBytes()
      this.#kept.delete(oldest)
      this.#discard(kept)
    }
  }

  #discard(instance: GuestInstance): void {
    this.#options.noteDiscarded(instance.memoryBytes())
    instance[Symbol.dispose]()
  }
}
