// When a plugin that crashes may be started again, and when no more: a crash budget, backoff and quarantine. It keeps the
// count and answers questions; it starts, stops and waits for nothing.

import type { Clock } from '../ports.ts'

/** How a plugin is looked after. */
export interface SupervisionRules {
  /** So many crashes within {@link windowMs} put the plugin into quarantine. */
  readonly crashes: number
  readonly windowMs: number
  /** Wait before the second restart of a window, ms. The first comes at once; each further wait is twice as long. */
  readonly backoffMs: number
  /** Longest wait, ms. */
  readonly maxBackoffMs: number
  /** A process that is kept between calls is asked whether it is there when it has been used, and not been asked, for so long, ms. */
  readonly healthEveryMs: number
  /** For its answer, ms. */
  readonly healthTimeoutMs: number
  /** A process that is kept between calls stops when nobody has called it for so long, ms. */
  readonly idleMs: number
}

/** Five crashes in five minutes; waits of none, 0.5, 1 and 2 seconds between them. */
export const defaultSupervision: SupervisionRules = {
  crashes: 5,
  windowMs: 300_000,
  backoffMs: 500,
  maxBackoffMs: 30_000,
  healthEveryMs: 15_000,
  healthTimeoutMs: 2_000,
  idleMs: 300_000,
}

/** Which of two values is the stricter. */
const stricter: { readonly [Rule in keyof SupervisionRules]: (a: number, b: number) => number } = {
  crashes: Math.min,
  windowMs: Math.max,
  backoffMs: Math.max,
  maxBackoffMs: Math.max,
  healthEveryMs: Math.min,
  healthTimeoutMs: Math.min,
  idleMs: Math.min,
}

/** Names of the rules. */
export const supervisionRules = Object.keys(stricter) as readonly (keyof SupervisionRules)[]

/** The stricter of both, rule by rule: fewer crashes, longer waits, more frequent questions, an earlier stop. */
export const narrowSupervision = (rules: SupervisionRules, by: Partial<SupervisionRules>): SupervisionRules =>
  Object.fromEntries(
    supervisionRules.map((rule) => [rule, stricter[rule](rules[rule], by[rule] ?? rules[rule])]),
  ) as unknown as SupervisionRules

/**
 * `healthy`; `recovering`: it crashed, may be started, and has done nothing well since; `backing-off`: it may not be started
 * yet; `quarantined`: it is not started until somebody says so.
 */
export type HealthState = 'healthy' | 'recovering' | 'backing-off' | 'quarantined'

/** One crash. */
export interface Crash {
  /** When what crashed began, on the monotonic clock, ms. */
  readonly beganMs: number
  /** Plugins of which any may have caused it; 1 when absent. */
  readonly suspects?: number
  /** How many of the plugin's calls can be under way at a time; 1 when absent. */
  readonly together?: number
}

/** What a crash came to. `counted` against the budget or not, and whether it used it up. */
export type CrashVerdict = 'not-counted' | 'counted' | 'quarantined'

/** What a supervisor needs. */
export interface SupervisorPorts {
  readonly clock: Pick<Clock, 'monotonic'>
  /** A number from 0 up to, and without, 1. */
  random(): number
}

/** See the file's head. */
export class Supervisor {
  readonly rules: SupervisionRules
  readonly #ports: SupervisorPorts
  /** Times of the crashes that count, oldest first. */
  #counted: number[] = []
  #lastCrashMs = Number.NEGATIVE_INFINITY
  /** Crashes since then that were taken for the same incident. */
  #fellTogether = 0
  #retryAtMs = Number.NEGATIVE_INFINITY
  #isRecovering = false
  #isQuarantined = false

  constructor(rules: SupervisionRules, ports: SupervisorPorts) {
    this.rules = rules
    this.#ports = ports
  }

  get state(): HealthState {
    if (this.#isQuarantined) return 'quarantined'
    if (!this.#isRecovering) return 'healthy'
    return this.waitMs > 0 ? 'backing-off' : 'recovering'
  }

  /** Until it may be started, ms; 0 when it may be now. Without meaning in quarantine. */
  get waitMs(): number {
    return this.#isRecovering ? Math.max(0, this.#retryAtMs - this.#ports.clock.monotonic()) : 0
  }

  /** Crashes within the window that count. */
  get crashes(): number {
    this.#forget()
    return this.#counted.length
  }

  /**
   * Notes a crash. What had begun before the last one belongs to that one: calls that were under way together and fell
   * together are one incident, as many as can be under way together. Where several are suspects, it counts against none: no
   * plugin pays for its neighbour.
   */
  crashed({ beganMs, suspects = 1, together = 1 }: Crash): CrashVerdict {
    if (this.#isQuarantined) return 'not-counted'
    const nowMs = this.#ports.clock.monotonic()
    this.#isRecovering = true
    if (suspects > 1) return 'not-counted'
    if (beganMs < this.#lastCrashMs && ++this.#fellTogether < together) return 'not-counted'
    this.#fellTogether = 0
    this.#lastCrashMs = nowMs
    this.#forget()
    this.#counted.push(nowMs)
    if (this.#counted.length >= this.rules.crashes) {
      this.#isQuarantined = true
      return 'quarantined'
    }
    this.#retryAtMs = nowMs + this.#backoffMs(this.#counted.length)
    return 'counted'
  }

  /** Notes that something that began then ended without a crash. @returns whether the plugin is healthy again by that */
  ended(beganMs: number): boolean {
    if (!this.#isRecovering || this.#isQuarantined || beganMs < this.#lastCrashMs) return false
    this.#isRecovering = false
    return true
  }

  /** The wait after the nth crash of a window: none, then doubling, between half of it and all of it. */
  #backoffMs(nth: number): number {
    if (nth < 2) return 0
    const fullMs = Math.min(this.rules.maxBackoffMs, this.rules.backoffMs * 2 ** (nth - 2))
    return fullMs * (0.5 + this.#ports.random() / 2)
  }

  #forget(): void {
    const sinceMs = this.#ports.clock.monotonic() - this.rules.windowMs
    this.#counted = this.#counted.filter((atMs) => atMs > sinceMs)
  }
}
