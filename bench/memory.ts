// Memory of this process, after whatever can go has gone.

import { setTimeout as sleep } from 'node:timers/promises'

/** Resident memory in MiB, after collecting garbage twice with time for threads to follow. */
export const settledMemoryMiB = async (): Promise<number> => {
  for (let turn = 0; turn < 2; turn++) {
    await globalThis.gc?.({ execution: 'async', type: 'major' })
    await sleep(250)
  }
  return process.memoryUsage.rss() / 2 ** 20
}
