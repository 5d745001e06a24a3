// The shape of one case of the conformance suite.

import type { Bench } from './bench.ts'

/** One promise of the Runtime contract, and how it is put to the test. */
export interface ConformanceCase {
  /** What holds, as a sentence. */
  readonly title: string
  run(bench: Bench): Promise<void>
}
