// Node's clocks behind the kernel's Clock port.

import { performance } from 'node:perf_hooks'
import type { Clock } from '@bulkhead/kernel'

/** The process's clock. Its timers never keep the process alive. */
export const nodeClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, run) => {
    // setTimeout fires at once beyond 2^31-1 ms; a longer wait is cut to that (24.8 days).
    const timer = setTimeout(run, Math.min(Math.max(0, ms), 0x7fffffff))
    timer.unref()
    return { [Symbol.dispose]: () => clearTimeout(timer) }
  },
}
