// What the checks cost code that only computes: the same module as it is and as the meter rewrites it, in turns. Such code
// takes the same time whenever nothing disturbs it, so the quicker runs are the true ones: the tenth of a hundred counts.

import { judge } from '../goal.ts'
import { goalsOf, type Kernel, kernels } from '../goals.ts'
import { percentiles, sampleInTurns } from '../harness.ts'
import { compileKernels } from '../kernels/compile.ts'
import { meteredRuns, plainRuns } from '../kernels/instances.ts'
import { compare, type Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'

// One run of each in turn: a run takes some ms, and what disturbs the machine for longer must not hit one of them alone.
const sampling = { warmUp: 200, samples: 200, budgetMs: 3500, blockSize: 1 }

const geometricMean = (values: readonly number[]): number =>
  Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)

/** See the file's head. */
export const measureMetering = async (): Promise<readonly Measure[]> => {
  const bytes = await compileKernels()
  const variants = {
    plain: plainRuns(bytes),
    epoch: meteredRuns(bytes, { fuel: false }),
    fuel: meteredRuns(bytes, { fuel: true }),
  }
  const ratios = { epoch: [] as number[], fuel: [] as number[] }
  const lines = { epoch: [] as Measure[], fuel: [] as Measure[] }
  for (const kernel of kernels) {
    requireSameResults(
      kernel,
      Object.values(variants).map((runs) => runs[kernel]()),
    )
    const taken = await sampleInTurns(
      { plain: variants.plain[kernel], epoch: variants.epoch[kernel], fuel: variants.fuel[kernel] },
      sampling,
    )
    const { plain = Number.NaN, epoch = Number.NaN, fuel = Number.NaN } = percentiles(taken, 0.1)
    const peers = { [peerNames.plain]: plain }
    ratios.epoch.push(epoch / plain)
    ratios.fuel.push(fuel / plain)
    lines.epoch.push(...judge(goalsOf.epoch[kernel], { ours: epoch, peers }))
    lines.fuel.push(...judge(goalsOf.fuel[kernel], { ours: fuel, peers }))
  }
  return [
    ...lines.epoch,
    ...compare({ name: 'epoch checks, of plain V8, geometric mean', unit: '×', ours: geometricMean(ratios.epoch) }),
    ...lines.fuel,
    ...compare({
      name: 'epoch checks and fuel, of plain V8, geometric mean',
      unit: '×',
      ours: geometricMean(ratios.fuel),
    }),
  ]
}

/** Code that is faster because it does less must not look good. */
const requireSameResults = (kernel: Kernel, results: readonly unknown[]): void => {
  if (new Set(results).size > 1) throw new Error(`the variants of ${kernel} differ: ${results.join(', ')}`)
}
