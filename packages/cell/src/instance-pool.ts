// The instances of one guest. An instance runs one call at a time; with isolation `per-plugin` it is kept for the
// security context that it served, and serves no other. An instance whose call failed is thrown away.

import type { Isolation } from '@bulkhead/kernel'
import { BulkheadError } from '@bulkhead/kernel/wire'
import type { Guest, GuestCall, GuestInstance, GuestResult } from './driver.ts'

/** Idle instances that are kept; the one used longest ago goes first. */
const mostKept = 32

/** See the file's head. */
export class InstancePool {
  readonly #guest: Guest
  readonly #isolation: Isolation
  /** By security context, in order of use. */
  readonly #kept = new Map<string, GuestInstance>()
  readonly #busy = new Set<string>()

  constructor(guest: Guest, isolation: Isolation) {
    this.#guest = guest
    this.#isolation = isolation
  }

  /** Runs one call on an instance of its own context. @throws BulkheadError */
  async run(call: GuestCall): Promise<{ result: GuestResult; memoryBytes: number }> {
    return this.#isolation === 'per-call' ? this.#runFresh(call) : this.#runKept(call)
  }

  async #runFresh(call: GuestCall): Promise<{ result: GuestResult; memoryBytes: number }> {
    using instance = await this.#guest.open()
    const result = await instance.call(call)
    return { result, memoryBytes: instance.memoryBytes() }
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
      instance?.[Symbol.dispose]()
      throw thrown
    } finally {
      this.#busy.delete(key)
    }
  }

  #keep(key: string, instance: GuestInstance): void {
    this.#kept.set(key, instance)
    if (this.#kept.size <= mostKept) return
    const [oldest] = this.#kept
    if (oldest === undefined) return
    this.#kept.delete(oldest[0])
    oldest[1][Symbol.dispose]()
  }
}
