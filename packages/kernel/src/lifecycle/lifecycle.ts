// The states of a plugin and the only ways between them. Holds a state and tells who listens; starts and stops nothing.

import { BulkheadError } from '../errors.ts'
import { escapeLine } from '../text/escape.ts'

export const pluginStates = [
  'discovered',
  'validating',
  'loading',
  'running',
  'draining',
  'stopping',
  'stopped',
  'error',
] as const
/** Where a plugin is in its life. */
export type PluginState = (typeof pluginStates)[number]

/** From each state, the states that may follow. `stopped` and `error` are ends: to start again is a new lifecycle. */
export const lifecycleTransitions: Readonly<Record<PluginState, readonly PluginState[]>> = {
  discovered: ['validating'],
  validating: ['loading', 'error'],
  loading: ['running', 'error'],
  running: ['draining', 'error'],
  draining: ['stopping', 'error'],
  stopping: ['stopped', 'error'],
  stopped: [],
  error: [],
}

/** Whether a plugin may go from the one state to the other. */
export const validTransition = (from: PluginState, to: PluginState): boolean =>
  Object.hasOwn(lifecycleTransitions, from) && lifecycleTransitions[from].includes(to)

/** Called after each transition. */
export type LifecycleListener = (to: PluginState, from: PluginState) => void

/** The life of one loaded plugin. */
export interface Lifecycle {
  readonly name: string
  readonly state: PluginState
  /**
   * Goes to the state and tells the listeners, in the order of their coming. What a listener throws reaches the
   * caller after all have been told; the transition stands.
   *
   * @throws BulkheadError `lifecycle.transition`; the state is as it was
   */
  transitionTo(state: PluginState): void
  /** Listens until the returned function is called. */
  onTransition(listener: LifecycleListener): () => void
}

/** Starts the life of a plugin, in `discovered` unless said otherwise. */
export const openLifecycle = (name: string, initial: PluginState = 'discovered'): Lifecycle => {
  let state = initial
  const listeners = new Set<LifecycleListener>()
  return {
    name,
    get state() {
      return state
    },
    transitionTo(to) {
      const from = state
      if (!validTransition(from, to)) throw refused(name, from, to)
      state = to
      const thrown: unknown[] = []
      for (const listener of [...listeners]) {
        try {
          listener(to, from)
        } catch (error) {
          thrown.push(error)
        }
      }
      if (thrown.length > 0) throw thrown[0]
    },
    onTransition(listener) {
      const own: LifecycleListener = (to, from) => listener(to, from)
      listeners.add(own)
      return () => void listeners.delete(own)
    },
  }
}

const refused = (name: string, from: PluginState, to: PluginState): BulkheadError => {
  const next = Object.hasOwn(lifecycleTransitions, from) ? lifecycleTransitions[from] : []
  const hint = next.length > 0 ? `From ${from} it can go to ${next.join(' or ')}.` : `${from} is an end; load it anew.`
  return new BulkheadError(
    'lifecycle.transition',
    `${escapeLine(name, 100)} cannot go from ${from} to ${escapeLine(to, 40)}`,
    { hint },
  )
}
