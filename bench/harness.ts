// Takes samples of the things that are compared in turns, so that what else the machine does hits all of them alike.

/** How much is measured. */
export interface Sampling {
  /** Unmeasured runs of each before the first sample, unless {@link mostWarmUpMs} is over first. */
  readonly warmUp: number
  /** Samples of each, unless time runs out first. */
  readonly samples: number
  /** Wall time for all of them together; every case gets at least one block, however slow it is. */
  readonly budgetMs: number
}

/** Durations in ms, in order of size. */
export type Samples = readonly number[]

/** Wall time of warming up one case: the compilers need it, slow cases do not need all their runs. */
const mostWarmUpMs = 700

/** Runs of one case before the next one has its turn. */
const blockSize = 50

/** The value that the given share of the samples (0 to 1) does not exceed. */
export const percentile = (samples: Samples, share: number): number =>
  samples[Math.min(samples.length - 1, Math.floor(samples.length * share))] ?? Number.NaN

/** The middle of some values in any order. */
export const median = (values: readonly number[]): number => percentile([...values].sort(ascending), 0.5)

const ascending = (a: number, b: number): number => a - b

/** Wall time of one run, ms. */
export const timeOf = async (run: () => unknown): Promise<number> => {
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}

/**
 * Measures the named cases in turns. Garbage of what ran before is collected first, and never between turns: a
 * collection on command makes the ones that follow more frequent.
 */
export const sampleInTurns = async (
  cases: Readonly<Record<string, () => unknown>>,
  { warmUp, samples, budgetMs }: Sampling,
): Promise<Readonly<Record<string, Samples>>> => {
  const runs = Object.entries(cases).map(([name, run]) => ({ name, run, taken: [] as number[] }))
  await globalThis.gc?.({ execution: 'async', type: 'major' })
  for (const { run } of runs) {
    const warmAt = performance.now() + mostWarmUpMs
    for (let turn = 0; turn < warmUp && performance.now() < warmAt; turn++) await run()
  }
  const endsAt = performance.now() + budgetMs
  do {
    for (const { run, taken } of runs)
      for (let turn = 0; turn < blockSize && taken.length < samples; turn++) taken.push(await timeOf(run))
  } while (performance.now() < endsAt && runs.some(({ taken }) => taken.length < samples))
  return Object.fromEntries(runs.map(({ name, taken }) => [name, taken.sort(ascending)]))
}
