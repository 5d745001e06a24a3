// Ends a tree of processes that has used up its processor time. The kernel bounds that for single processes only.

/** Looks at the time so seldom that it costs nothing, and so often that a tree cannot run far past its limit. */
export interface CpuWatch {
  stop(): void
}

/** The shortest wait between two looks. A tree overruns its limit by this, times its cores, at the most. */
const shortestMs = 50
const longestMs = 2 ** 30

/**
 * Calls `over` once when `used()` has reached `limitSeconds`. A tree on `cores` cores cannot use what is left in less than
 * that divided by the cores, so the next look can wait that long: an idle tree is looked at once in a long while.
 */
export const watchCpu = (
  used: () => number | undefined,
  limitSeconds: number,
  options: { readonly cores: number; readonly over: () => void },
): CpuWatch => {
  let timer: NodeJS.Timeout | undefined
  const look = (): void => {
    const left = limitSeconds - (used() ?? 0)
    if (left <= 0) return options.over()
    const waitMs = Math.min(longestMs, Math.max(shortestMs, (left * 1000) / options.cores))
    timer = setTimeout(look, waitMs)
    timer.unref()
  }
  look()
  return { stop: () => clearTimeout(timer) }
}
