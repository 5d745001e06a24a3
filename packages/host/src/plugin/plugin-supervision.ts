// One plugin's supervision, as the host carries it out: who may call it now, what a crash sets in motion, and who is told. The
// rules are the kernel's; this file starts and stops no compartment.

import {
  asBulkheadError,
  type AuditEvent,
  BulkheadError,
  type CompartmentCare,
  type Crash,
  type SupervisionRules,
  Supervisor,
  type WireError,
} from '@bulkhead/kernel'
import type { PluginHealth } from '../api.ts'
import { cancelled } from '../edge/signals-node.ts'
import { stayAwake } from '../edge/stay-awake-node.ts'
import type { World } from './world.ts'

/** Calls of one plugin that wait until it may start again, at most. */
const mostWaiting = 1000

/** Counts the starts of a plugin, whatever versions of it come and go. */
export interface Generations {
  last: number
}

/** What a supervision is made with beside the world. */
export interface PluginSupervisionOptions {
  readonly name: string
  readonly principal: string
  readonly rules: SupervisionRules
  readonly generations: Generations
  /** How many calls of the plugin can be under way at a time. */
  together(): number
  /** Called when the plugin is quarantined: whatever runs of it is to end. */
  quarantined(): void
}

/** A crash, with what is known of it. */
export interface NotedCrash extends Pick<Crash, 'beganMs'> {
  readonly error: BulkheadError
  /** The start that it belongs to, where the error does not name one. */
  readonly generation: number
}

/** The way of one call to its turn. */
export interface Admission {
  readonly signal?: AbortSignal | undefined
  /** Longest wait that makes sense, ms. */
  readonly patienceMs: number
  /** Whether a copy is loaded: one that is not gets its number when it is. */
  isLoaded(): boolean
}

const crashCodes: ReadonlySet<string> = new Set([
  'plugin.crashed',
  'protocol.violation',
  'protocol.handshake',
  'protocol.version',
  'protocol.stalled',
])

/**
 * Whether the error says that a compartment came to its end by the plugin's doing, or could not begin. What a plugin reports,
 * what a limit ends and what a host function refuses is none.
 */
export const isCrash = ({ code, id }: BulkheadError): boolean => id === undefined && crashCodes.has(code)

const numberOf = (error: BulkheadError, detail: string): number | undefined => {
  const value = error.details?.[detail]
  return typeof value === 'number' ? value : undefined
}

/** The start that an error belongs to, where the error names it. */
export const generationOf = (error: BulkheadError): number | undefined => numberOf(error, 'generation')

/** See the file's head. */
export class PluginSupervision {
  readonly #world: World
  readonly #options: PluginSupervisionOptions
  readonly #supervisor: Supervisor
  #waiting = 0
  #generation = 0
  /** Whether the latest number is not yet some compartment's. */
  #isNumberFree = false
  #isRestartDue = false
  #restarts = 0
  #reason: WireError | undefined

  constructor(world: World, options: PluginSupervisionOptions) {
    this.#world = world
    this.#options = options
    this.#supervisor = new Supervisor(options.rules, { clock: world.clock, random: world.random })
  }

  /** Whether a call needs not even ask. */
  get isHealthy(): boolean {
    return this.#supervisor.state === 'healthy'
  }

  /** The number of the latest start of this version; 0 before the first. */
  get generation(): number {
    return this.#generation
  }

  /** Starts that followed a crash. */
  get restarts(): number {
    return this.#restarts
  }

  get health(): PluginHealth {
    const { state, crashes, waitMs } = this.#supervisor
    return {
      state,
      crashes,
      ...(state === 'backing-off' ? { retryAfterMs: Math.ceil(waitMs) } : {}),
      ...(state === 'healthy' || this.#reason === undefined ? {} : { reason: this.#reason }),
    }
  }

  /** What the runtime that keeps compartments is told, and tells. */
  get care(): CompartmentCare {
    const { healthEveryMs, healthTimeoutMs, idleMs } = this.#options.rules
    return {
      healthEveryMs,
      healthTimeoutMs,
      idleMs,
      admit: async (signal, patienceMs) => {
        if (!this.isHealthy) await this.admit({ signal, patienceMs, isLoaded: () => true })
      },
      started: () => {
        if (!this.#isNumberFree) this.#number()
        this.#isNumberFree = false
        return this.generation
      },
      crashed: (error, generation = this.generation) =>
        this.diedAlone({ error, beganMs: this.#world.clock.monotonic(), generation }),
      rested: (generation) => this.#world.events.emit('plugin:rested', { id: this.#options.name, generation }),
    }
  }

  /** Numbers the start of a copy. */
  startCopy(): number {
    this.#number()
    this.#tellRestart()
    return this.generation
  }

  /**
   * Waits until the plugin may be called, which after a crash may take its backoff.
   * @returns how long it waited, ms
   * @throws BulkheadError `plugin.quarantined`; `plugin.backing-off` when the wait would be longer than the caller's patience;
   *   what the signal says
   */
  async admit({ signal, patienceMs, isLoaded }: Admission): Promise<number> {
    const sinceMs = this.#world.clock.monotonic()
    const waited = (): number => this.#world.clock.monotonic() - sinceMs
    for (;;) {
      if (signal?.aborted === true) throw cancelled(signal.reason)
      if (this.#supervisor.state === 'quarantined') throw this.#quarantineError()
      const { waitMs } = this.#supervisor
      if (waitMs <= 0) break
      if (waitMs >= patienceMs - waited() || this.#waiting >= mostWaiting) throw this.#backoffError(waitMs)
      await this.#wait(waitMs, signal)
    }
    if (this.#isRestartDue && isLoaded()) {
      this.#number()
      this.#tellRestart()
    }
    return waited()
  }

  /** Notes a crash that no call records: of a start, or of what was idle. */
  diedAlone(crash: NotedCrash): void {
    const { error, generation } = crash
    const { principal } = this.#options
    this.#record({ type: 'plugin_crashed', principal, why: error.code, details: { generation } })
    this.crashed(crash)
  }

  /** Notes a crash and tells of it; a crash of a copy that is to end is none. */
  crashed({ error, beganMs, generation }: NotedCrash): void {
    const { name: id, principal, rules } = this.#options
    const ofStart = generationOf(error) ?? generation
    this.#world.events.emit('plugin:crashed', { id, error: error.toJSON(), generation: ofStart })
    const verdict = this.#supervisor.crashed({
      beganMs,
      suspects: numberOf(error, 'suspects') ?? 1,
      together: this.#options.together(),
    })
    if (this.#supervisor.state !== 'quarantined' || verdict === 'quarantined') this.#reason = error.toJSON()
    this.#isRestartDue = true
    if (verdict !== 'quarantined') return
    const { crashes } = this.#supervisor
    const details = { crashes, windowMs: rules.windowMs, generation: this.generation }
    this.#record({ type: 'plugin_quarantined', principal, why: error.code, details })
    this.#log('error', `quarantined after ${crashes} crashes; the last: ${error.message}`)
    this.#world.events.emit('plugin:quarantined', { id, error: error.toJSON(), crashes, generation: this.generation })
    this.#options.quarantined()
  }

  /** Notes that a call that began then came back, whatever it brought. */
  ended(beganMs: number): void {
    if (!this.#supervisor.ended(beganMs)) return
    this.#world.events.emit('plugin:healthy', { id: this.#options.name, generation: this.generation })
  }

  #number(): void {
    this.#generation = ++this.#options.generations.last
    this.#isNumberFree = true
  }

  #tellRestart(): void {
    if (!this.#isRestartDue) return
    const { name: id, principal } = this.#options
    this.#isRestartDue = false
    this.#restarts++
    const { generation } = this
    this.#record({ type: 'plugin_restarted', principal, details: { generation, crashes: this.#supervisor.crashes } })
    this.#log('warn', `started again as generation ${generation}`)
    this.#world.events.emit('plugin:restarted', { id, generation })
  }

  async #wait(ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock, closing } = this.#world
    const over = Promise.withResolvers<void>()
    const end = ({ target }: Event): void => over.reject(cancelled((target as AbortSignal).reason))
    const signals = signal === undefined ? [closing] : [closing, signal]
    for (const one of signals) one.addEventListener('abort', end, { once: true })
    using _timer = clock.after(Math.ceil(ms), over.resolve)
    // What crashed is gone, so nothing else may be left that keeps the caller's program from ending in the middle of its call.
    using _awake = stayAwake()
    this.#waiting++
    try {
      await over.promise
    } finally {
      this.#waiting--
      for (const one of signals) one.removeEventListener('abort', end)
    }
  }

  #quarantineError(): BulkheadError {
    const { name, rules } = this.#options
    const last = this.#reason === undefined ? '' : `; the last: ${this.#reason.message}`
    return new BulkheadError(
      'plugin.quarantined',
      `${name} is in quarantine: it crashed ${rules.crashes} times within ${rules.windowMs} ms${last}`,
      { details: { crashes: rules.crashes, windowMs: rules.windowMs } },
    )
  }

  #backoffError(waitMs: number): BulkheadError {
    const { name } = this.#options
    const { crashes } = this.#supervisor
    const retryAfterMs = Math.ceil(waitMs)
    return new BulkheadError(
      'plugin.backing-off',
      `${name} crashed ${crashes} times lately and is started again in ${retryAfterMs} ms at the earliest`,
      { details: { retryAfterMs, crashes } },
    )
  }

  /** A crash is told whether or not the log takes it: what must not happen unrecorded is recorded where it happens. */
  #record(event: Omit<AuditEvent, 'result' | 'plugin'>): void {
    this.#world.audit
      .append({ ...event, result: 'info', plugin: this.#options.name }, 'lazy')
      .catch((thrown: unknown) => this.#log('error', asBulkheadError(thrown).message))
  }

  #log(level: 'warn' | 'error', message: string): void {
    this.#world.log?.write({ time: this.#world.clock.now(), level, plugin: this.#options.name, message })
  }
}
