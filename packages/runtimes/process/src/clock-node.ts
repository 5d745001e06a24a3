// The clock of this process.

import { performance } from 'node:perf_hooks'

/** Its timers do not keep the process alive. */
export const clock = {
  monotonic: (): number => performance.now(),
  after: (ms: number, run: () => void): Disposable => {
    const timer = setTimeout(run, ms)
    timer.unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
