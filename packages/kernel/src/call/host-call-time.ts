// The time of one host call: it ends with its call or at its own limit, whichever comes first.

import { BulkheadError } from '../errors.ts'
import type { Bounded, Deadlines } from './deadlines.ts'
import { type Lifetime, type MakeSignal, OwnedLifetime } from './lifetime.ts'
import type { RosterEntry } from './roster.ts'

/** What bounds a host call. */
export interface HostCallBounds {
  readonly call: Lifetime
  /** On the monotonic clock, ms. */
  readonly startedMs: number
  readonly limitMs: number
}

/** See the file's head. Disposing stops it without ending anything. */
export class HostCallTime extends OwnedLifetime implements Bounded, Disposable {
  readonly deadlineMs: number
  readonly #limitMs: number
  readonly #watch: RosterEntry
  readonly #stop: () => void

  constructor(
    { deadlines, makeSignal }: { readonly deadlines: Deadlines; readonly makeSignal: MakeSignal },
    { call, startedMs, limitMs }: HostCallBounds,
  ) {
    super(makeSignal)
    this.#limitMs = limitMs
    // The call's own deadline is watched by whoever runs it, and moves: this one need not know it.
    this.deadlineMs = startedMs + limitMs
    this.#stop = call.onEnd((error) => this.end(error))
    this.#watch = deadlines.add(this)
  }

  overdue(): void {
    this.end(
      new BulkheadError('limit.host-call-time', `a host call ran past its limit of ${Math.round(this.#limitMs)} ms`),
    )
  }

  [Symbol.dispose](): void {
    this.#watch.leave()
    this.#stop()
  }
}
