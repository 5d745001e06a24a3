// setTimeout and its kin. The driver keeps the clock, bounds their number and drops them when the call ends.

/** What keeps the clock. */
export interface TimerClock {
  /** When it is due, the timer is fired. */
  startTimer(id: number, ms: number): void
  stopTimer(id: number): void
}

const { min, max } = Math
const longestMs = 2 ** 31 - 1

/** The timer globals, and what the driver calls when one is due. */
export const makeTimers = (bridge: TimerClock) => {
  const running = new Map<number, () => void>()
  let lastId = 0

  const start = (run: (...args: unknown[]) => void, ms: unknown, args: unknown[], again: boolean): number => {
    if (typeof run !== 'function') throw new TypeError('a timer needs a function')
    const id = ++lastId
    const delay = min(max(Number(ms) || 0, 0), longestMs) | 0
    running.set(id, () => {
      if (again) bridge.startTimer(id, max(delay, 1))
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
    /** Runs a due timer. */
    fire: (id: number): void => running.get(id)?.(),
    /** Forgets all that are not due yet. */
    clear: (): void => running.clear(),
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
