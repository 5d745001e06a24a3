// A machine that runs: one state at a time, and a context. A callback that throws leaves it as it was.

import { failure, isObject } from '../failure.ts'
import type { JsonValue } from '../../json-schema.ts'
import type { CheckedMachine, MachineCallback, MachineEvent, Transition } from './definition.ts'

/** Changes that are remembered. */
export const historyLength = 100

/** One change. */
export interface HistoryEntry {
  readonly event: string
  readonly from: string
  readonly to: string
}

/** Why an event changed nothing: no way out of this state, every guard refused, or the state is final. */
export type Refusal = 'no-transition' | 'guard' | 'final'

/** What came of an event. */
export interface SendResult {
  readonly changed: boolean
  /** The state now. */
  readonly state: string
  readonly reason?: Refusal
}

/** A machine as plain JSON, to be started from again. */
export interface SavedMachine {
  readonly machine: string
  readonly state: string
  readonly context: JsonValue
  readonly history: readonly HistoryEntry[]
}

/** See the file's head. */
export class Machine<Context> {
  readonly #definition: CheckedMachine<Context>
  #state: string
  #context: Context
  #history: readonly HistoryEntry[]

  /** @throws PluginError `machine.invalid` for a saved machine of another kind */
  constructor(definition: CheckedMachine<Context>, saved?: SavedMachine) {
    this.#definition = definition
    if (saved === undefined) {
      this.#state = definition.initial
      this.#context = copyOf(definition.context)
      this.#history = []
      const { initial } = definition
      run(this.#stateOf(initial).entry, this.#context, { name: 'start', data: null, from: initial, to: initial })
      return
    }
    const {
      state,
      context,
      history = [],
      machine = definition.id,
    }: Partial<SavedMachine> = isObject(saved) ? saved : {}
    if (machine !== definition.id) throw misfit(definition.id, `it was saved by machine ${machine}`)
    if (state === undefined || !definition.states.has(state))
      throw misfit(definition.id, `it was saved in no state of it: ${String(state)}`)
    this.#state = state
    this.#context = copyOf((context ?? {}) as Context)
    this.#history = history
  }

  get state(): string {
    return this.#state
  }

  get context(): Context {
    return this.#context
  }

  /** The last changes, the oldest first. */
  get history(): readonly HistoryEntry[] {
    return this.#history
  }

  /** Whether the state is final. */
  get done(): boolean {
    return this.#stateOf(this.#state).final
  }

  /** Whether the event would change the state now. @throws PluginError `machine.unknown-event` */
  can(event: string, data: unknown = null): boolean {
    return typeof this.#choose(event, data) !== 'string'
  }

  /**
   * Takes the first transition whose guard agrees: exit, action, entry, and what runs after every change.
   * @throws PluginError `machine.unknown-event` for an event that no state knows, or what a callback throws
   */
  send(name: string, data: unknown = null): SendResult {
    const chosen = this.#choose(name, data)
    if (typeof chosen === 'string') return { changed: false, state: this.#state, reason: chosen }
    const event: MachineEvent = { name, data, from: this.#state, to: chosen.target }
    const context = copyOf(this.#context)
    run(this.#stateOf(event.from).exit, context, event)
    run(chosen.action, context, event)
    run(this.#stateOf(event.to).entry, context, event)
    run(this.#definition.transition, context, event)
    this.#context = context
    this.#state = event.to
    this.#history = [...this.#history, { event: name, from: event.from, to: event.to }].slice(-historyLength)
    return { changed: true, state: this.#state }
  }

  /** All of it, to be kept. */
  save(): SavedMachine {
    return {
      machine: this.#definition.id,
      state: this.#state,
      context: copyOf(this.#context) as JsonValue,
      history: this.#history,
    }
  }

  #stateOf(name: string) {
    const state = this.#definition.states.get(name)
    if (state === undefined) throw misfit(this.#definition.id, `there is no state ${name}`)
    return state
  }

  #choose(name: string, data: unknown): Transition<Context> | Refusal {
    const { id, events } = this.#definition
    if (!events.has(name)) throw failure('machine.unknown-event', `machine ${id}: no state knows the event ${name}`)
    const { on, final } = this.#stateOf(this.#state)
    if (final) return 'final'
    const ways = on.get(name)
    if (ways === undefined) return 'no-transition'
    const found = ways.find(({ guard, target }) => {
      if (guard === undefined) return true
      // A guard looks and changes nothing.
      const agrees: unknown = guard(copyOf(this.#context), { name, data, from: this.#state, to: target })
      return agrees === true
    })
    return found ?? 'guard'
  }
}

const run = <Context>(callback: MachineCallback<Context> | undefined, context: Context, event: MachineEvent): void => {
  const result: unknown = callback?.(context, event)
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') return
  throw failure('machine.invalid', `a callback at ${event.name} is not done when it returns: it must not be async`)
}

/** The context is JSON. */
const copyOf = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T

const misfit = (id: string, what: string) => failure('machine.invalid', `machine ${id}: ${what}`)
