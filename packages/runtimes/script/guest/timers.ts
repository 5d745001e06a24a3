// setTimeout and its kin. The driver keeps the clock, bounds their number and drops them when the call ends.

import type { Bridge } from './bridge.ts'

/** The timer globals, and what the driver calls when one is due. */
export const makeTimers = (bridge: Bridge) => {
  const running = new Map<number, () => void>()
  let lastId = 0

  const start = (run: (...args: unknown[]) => void, ms: unknown, args: unknown[], again: boolean): number => {
    if (typeof run !== 'function') throw new TypeError('a timer needs a function')
    const id = ++lastId
    const delay = Math.min(Math.max(Number(ms) || 0, 0), 2 ** 31 - 1)
    running.set(id, () => {
      if (again) bridge.startTimer(id, Math.max(delay, 1))
      else running.delete(id)
      run(...args)
    })
    bridge.startTimer(id, delay)
    return id
  }
  const stop = (id: unknown): void => {
    if (typeof id === 'number' && running.delete(id)) bridge.stopTimer(id)
  }

  return {
    /** As a job, in which a plugin can be paused. */
    fire: (id: number): void => {
      Promise.resolve()
        .then(() => running.get(id)?.())
        .catch(() => bridge.log('error', 'a timer failed in the plugin'))
    },
    globals: {
      setTimeout: (run: () => void, ms?: unknown, ...args: unknown[]) => start(run, ms, args, false),
      setInterval: (run: () => void, ms?: unknown, ...args: unknown[]) => start(run, ms, args, true),
      clearTimeout: stop,
      clearInterval: stop,
      queueMicrotask: (run: () => void): void => {
        void Promise.resolve().then(run)
      },
    },
  }
}
