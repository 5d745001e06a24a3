// The instances of one guest. An instance runs one call at a time; with isolation `per-plugin` it is kept for the
// security context that it served, and serves no other. An instance whose call failed is thrown away.

import type { Isolation, Limits } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Guest, GuestCall, GuestInstance, GuestResult } from './driver.ts'
import type { NoteDiscarded } from './garbage-node.ts'

/** Idle instances that are kept; the one used longest ago goes first. */
const mostKept = 32
/** Memory of idle instances that is kept, as a multiple of the limit of one. */
const mostKeptMemories = 4

/** What of an artifact the pool goes by. */
export interface PoolOptions {
  readonly isolation: Isolation
  readonly limits: Pick<Limits, 'memoryBytes'>
  readonly noteDiscarded: NoteDiscarded
}

/** See the file's head. */
export class InstancePool {
  readonly #guest: Guest
  readonly #options: PoolOptions
  /** By security context, in order of use. */
  readonly #kept = new Map<string, GuestInstance>()
  readonly #busy = new Set<string>()

  constructor(guest: Guest, options: PoolOptions) {
    this.#guest = guest
    this.#options = options
  }

  /** Runs one call on an instance of its own context. @throws BulkheadError */
  async run(call: GuestCall): Promise<{ result: GuestResult; memoryBytes: number }> {
    return this.#options.isolation === 'per-call' ? this.#runFresh(call) : this.#runKept(call)
  }

  async #runFresh(call: GuestCall): Promise<{ result: GuestResult; memoryBytes: number }> {
    const instance = await this.#guest.open()
    try {
      const result = await instance.call(call)
      return { result, memoryBytes: instance.memoryBytes() }
    } finally {
      this.#discard(instance)
    }
  }

  async #runKept(call: GuestCall): Promise<{ result: GuestResult; memoryBytes: number }> {
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
      instance = kept ?? (await this.#guest.open())
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
    this.#kept.set(key, instance)
    let bytes = [...this.#kept.values()].reduce((sum, kept) => sum + kept.memoryBytes(), 0)
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
