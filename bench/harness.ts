// Takes samples of the things that are compared in turns, so that what else the machine does hits all of them alike.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { sized } from './quick.ts'

/** How much is measured. */
export interface Sampling {
  /** Unmeasured runs of each before the first sample, unless {@link warmUpMs} is over first. */
  readonly warmUp: number
  /** Wall time of warming up one case, at most: the compilers need it, slow cases do not need all their runs. 700 when absent. */
  readonly warmUpMs?: number
  /** Samples of each, unless time runs out first. */
  readonly samples: number
  /** Wall time for all of them together; every case gets at least one block, however slow it is. */
  readonly budgetMs: number
  /**
   * Runs of one case before the next one has its turn; 50 when absent. Long enough that the first ones, which wake a core
   * from its sleep, do not count much.
   */
  readonly blockSize?: number
}

/** Durations in ms, in order of size. */
export type Samples = readonly number[]

/** The value that the given share of the samples (0 to 1) does not exceed. */
export const percentile = (samples: Samples, share: number): number =>
  samples[Math.min(samples.length - 1, Math.floor(samples.length * share))] ?? Number.NaN

const ascending = (a: number, b: number): number => a - b

/** Values in order of size. */
export const sorted = (values: readonly number[]): Samples => [...values].sort(ascending)

/** The middle of some values in any order. */
export const median = (values: readonly number[]): number => percentile(sorted(values), 0.5)

/** Of each case the sample that the given share does not exceed, in ms. */
export const percentiles = (
  taken: Readonly<Record<string, Samples>>,
  share: number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(taken).map(([name, samples]) => [name, percentile(samples, share)]))

/** The middle of each case's samples, in ms. */
export const medians = (taken: Readonly<Record<string, Samples>>): Readonly<Record<string, number>> =>
  percentiles(taken, 0.5)

/** Figures of the same cases in another unit. */
export const inUnit = (
  figures: Readonly<Record<string, number>>,
  convert: (figure: number) => number,
): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(figures).map(([name, figure]) => [name, convert(figure)]))

/** Wall time of one run, ms. */
export const timeOf = async (run: () => unknown): Promise<number> => {
  const startedAt = performance.now()
  await run()
  return performance.now() - startedAt
}

/**
 * Measures the named cases in turns. Garbage of what ran before is collected first, and never between turns: a
 * collection on command makes the ones that follow more frequent. A quick run takes few samples.
 */
export const sampleInTurns = async (
  cases: Readonly<Record<string, () => unknown>>,
  { warmUp, warmUpMs = 700, samples, budgetMs, blockSize = 50 }: Sampling,
): Promise<Readonly<Record<string, Samples>>> => {
  const runs = Object.entries(cases).map(([name, run]) => ({ name, run, taken: [] as number[] }))
  const most = { warmUp: sized(warmUp, 20), samples: sized(samples, 20), budgetMs: sized(budgetMs, 500) }
  await globalThis.gc?.({ execution: 'async', type: 'major' })
  for (const { run } of runs) {
    const warmAt = performance.now() + warmUpMs
    for (let turn = 0; turn < most.warmUp && performance.now() < warmAt; turn++) await run()
  }
  const endsAt = performance.now() + most.budgetMs
  do {
    for (const { run, taken } of runs) {
      // Calls that never leave the thread would keep the event loop, and what ours puts off, from having a turn.
      await nextTurn()
      for (let turn = 0; turn < blockSize && taken.length < most.samples; turn++) {
        // Not timeOf: a promise more would show in a call of two microseconds.
        const startedAt = performance.now()
        await run()
        taken.push(performance.now() - startedAt)
      }
    }
  } while (performance.now() < endsAt && runs.some(({ taken }) => taken.length < most.samples))
  return Object.fromEntries(runs.map(({ name, taken }) => [name, sorted(taken)]))
}
