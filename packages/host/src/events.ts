// Events of a host. A listener that throws harms nobody: its error is logged and the others still hear.

import type { LogSink } from '@bulkhead/kernel'
import type { HostEvents } from './host-events.ts'

/** Sends and receives {@link HostEvents}. */
export interface EventBus {
  /** Whether anybody listens: who sends often need not make what nobody hears. */
  heard(event: keyof HostEvents): boolean
  emit<Name extends keyof HostEvents>(event: Name, payload: HostEvents[Name]): void
  on<Name extends keyof HostEvents>(event: Name, listener: (payload: HostEvents[Name]) => void): Disposable
}

/** Makes a bus. */
export const makeEventBus = (log: LogSink | undefined): EventBus => {
  const listeners = new Map<keyof HostEvents, Set<(payload: never) => void>>()
  return {
    heard: (event) => (listeners.get(event)?.size ?? 0) > 0,
    emit: (event, payload) => {
      for (const listener of listeners.get(event) ?? []) {
        try {
          listener(payload as never)
        } catch (thrown) {
          log?.write({ time: Date.now(), level: 'error', message: `a listener for ${event} threw: ${String(thrown)}` })
        }
      }
    },
    on: (event, listener) => {
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(listener))
      return { [Symbol.dispose]: () => void set.delete(listener) }
    },
  }
}
