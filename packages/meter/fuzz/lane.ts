// The thread in which the fuzzers run, one seed after the other; it says what it is at, so that one that hangs is known.

import { parentPort, workerData } from 'node:worker_threads'
import { tryDifferential } from './differential.ts'
import { tryMutation } from './mutation.ts'
import { type Finding, makeTally, type Oracle, type Tally } from './report.ts'
import { tryTermination } from './termination.ts'

/** Tries one seed with one oracle. Whatever is thrown is a finding as well. */
export const trySeed = async (oracle: Oracle, seed: number, tally: Tally): Promise<Finding | undefined> => {
  try {
    if (oracle === 'differential') return await tryDifferential(seed, tally)
    return oracle === 'termination' ? tryTermination(seed, tally) : tryMutation(seed, tally)
  } catch (thrown) {
    const what = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown)
    return { oracle, seed, what, bytes: new Uint8Array() }
  }
}

const run = async (first: number): Promise<void> => {
  const tally = makeTally()
  // Damaged modules are the quickest, and many are needed.
  const order: readonly Oracle[] = ['differential', 'termination', 'mutation', 'mutation']
  for (let seed = first; ; seed++) {
    for (const [index, oracle] of order.entries()) {
      const own = index === 3 ? seed ^ 0x40000000 : seed
      parentPort?.postMessage({ oracle, seed: own })
      const finding = await trySeed(oracle, own, tally)
      if (finding !== undefined) parentPort?.postMessage({ finding })
    }
    parentPort?.postMessage({ tally, next: seed + 1 })
    // Lets what was posted out, and the end of this thread in.
    if (seed % 64 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
}

const given = workerData as { readonly first?: number } | undefined
if (given?.first !== undefined) await run(given.first)
