// Instances that wait for a call, over all guests of a thread: how much memory they may hold together, for how long, and
// the restoring of those that just served. The one used longest ago goes first.

import type { GuestInstance } from './driver.ts'
import type { Timers } from './timers.ts'

/** Memory of the machine that all idle instances of a thread may take, bytes. */
const mostIdleBytes = 256 * 1024 * 1024
/** How many there may be: each takes address space and some memory of the engine's own. */
const mostIdle = 2000
/** How long one is kept that nobody uses, ms. */
const idleTtlMs = 30_000

/** Where an instance goes back to. */
export interface Owner {
  /** It is restored and can serve. */
  ready(instance: GuestInstance): void
  /** It leaves the owner's lists. */
  drop(instance: GuestInstance): void
}

interface Idle {
  readonly owner: Owner
  /** What it takes of the machine's memory; until it is restored, all that it could. */
  bytes: number
  readonly sinceMs: number
  restored: boolean
}

/** See the file's head. */
export class IdleInstances implements Disposable {
  readonly #timers: Timers
  /** In order of use. */
  readonly #idle = new Map<GuestInstance, Idle>()
  readonly #used: GuestInstance[] = []
  #bytes = 0
  #sweep: Disposable | undefined

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Takes an instance in that served a call; it is restored when there is time, see {@link tidy}. */
  put(instance: GuestInstance, owner: Owner): void {
    const bytes = instance.memoryBytes()
    this.#idle.set(instance, { owner, bytes, sinceMs: performance.now(), restored: false })
    this.#bytes += bytes
    this.#used.push(instance)
    // Those that served can hold less than they could: look before anything is dropped.
    while (this.#bytes > mostIdleBytes && this.tidy());
    while (this.#bytes > mostIdleBytes || this.#idle.size > mostIdle) this.#dropOldest()
    this.#sweep ??= this.#timers.after(idleTtlMs, () => this.#dropOld())
  }

  /** Takes one out for a call. False: it cannot be used and is gone. */
  take(instance: GuestInstance): boolean {
    const idle = this.#idle.get(instance)
    if (idle === undefined) return false
    this.#forget(instance, idle)
    if (idle.restored || instance.reset() !== undefined) return true
    instance[Symbol.dispose]()
    return false
  }

  /** Restores one that served. */
  tidy(): boolean {
    for (let instance = this.#used.pop(); instance !== undefined; instance = this.#used.pop()) {
      const idle = this.#idle.get(instance)
      if (idle === undefined || idle.restored) continue
      const bytes = instance.reset()
      if (bytes === undefined) this.drop(instance)
      else {
        idle.restored = true
        this.#bytes += bytes - idle.bytes
        idle.bytes = bytes
        idle.owner.ready(instance)
      }
      return true
    }
    return false
  }

  /** Drops one. */
  drop(instance: GuestInstance): void {
    const idle = this.#idle.get(instance)
    if (idle === undefined) return
    this.#forget(instance, idle)
    idle.owner.drop(instance)
    instance[Symbol.dispose]()
  }

  /** Ends the watch over the time; what is still there is its owners' to drop. */
  [Symbol.dispose](): void {
    this.#sweep?.[Symbol.dispose]()
    this.#sweep = undefined
  }

  #forget(instance: GuestInstance, idle: Idle): void {
    this.#idle.delete(instance)
    this.#bytes -= idle.bytes
  }

  #dropOldest(): void {
    const [oldest] = this.#idle.keys()
    if (oldest !== undefined) this.drop(oldest)
  }

  #dropOld(): void {
    this.#sweep = undefined
    const until = performance.now() - idleTtlMs
    for (const [instance, { sinceMs }] of this.#idle) {
      if (sinceMs > until) break
      this.drop(instance)
    }
    if (this.#idle.size > 0) this.#sweep = this.#timers.after(idleTtlMs / 2, () => this.#dropOld())
  }
}
