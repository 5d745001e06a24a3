// Memory and CPU time of this process.

import { setTimeout as sleep } from 'node:timers/promises'

/** Resident memory in MiB, after collecting garbage twice with time for threads to follow. */
export const settledMemoryMiB = async (): Promise<number> => {
  for (let turn = 0; turn < 2; turn++) {
    await globalThis.gc?.({ execution: 'async', type: 'major' })
    await sleep(250)
  }
  return process.memoryUsage.rss() / 2 ** 20
}

/** CPU time of all threads for so long in which nobody does anything, as a percentage of one core. */
export const idleCpuPercent = async (forMs: number): Promise<number> => {
  const before = process.cpuUsage()
  const startedAt = performance.now()
  await sleep(forMs)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 10 / (performance.now() - startedAt)
}
