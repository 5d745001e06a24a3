// The clocks that a guest may read: coarse, so that they measure no side channel well.

import { performance } from 'node:perf_hooks'
import { errno, WasiErrno } from './memory.ts'

/** Nanoseconds of a WASI clock, in steps of 0.1 ms: finer clocks serve side channels. */
export const clockNs = (clock: number): bigint => {
  if (clock === 0) return BigInt(Date.now()) * 1_000_000n
  if (clock <= 3) return BigInt(Math.floor(performance.now() * 10)) * 100_000n
  throw new WasiErrno(errno.inval)
}
