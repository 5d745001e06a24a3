// Bounds how much of the host's time a plugin's chatter takes: past an allowance for each second, nothing more is read
// until the second is over, and the plugin waits in its own writing.

/** Counts what was read. */
export interface Throttle {
  /** Counts `cost` units; yields how long to read nothing, milliseconds, 0 mostly. */
  take(cost: number): number
}

const windowMs = 1_000

/** Makes a throttle that allows so many units within one second. The clock gives milliseconds from any start. */
export const makeThrottle = (unitsPerSecond: number, nowMs: () => number = () => performance.now()): Throttle => {
  let windowStart = Number.NEGATIVE_INFINITY
  let taken = 0
  return {
    take: (cost) => {
      const now = nowMs()
      if (now - windowStart >= windowMs) {
        windowStart = now
        taken = 0
      }
      taken += cost
      return taken > unitsPerSecond ? windowStart + windowMs - now : 0
    },
  }
}
