// What the checks cost a script: one interpreter as it is and as the meter rewrites it, in turns; see metering.ts.

import { judge } from '../goal.ts'
import { goalsOf, scriptKernels } from '../goals.ts'
import { percentiles, sampleInTurns } from '../harness.ts'
import { openInterpreter } from '../kernels/script.ts'
import type { Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'

const sampling = { warmUp: 200, samples: 200, budgetMs: 4000, blockSize: 1 }

/** See the file's head. */
export const measureScriptMetering = async (): Promise<readonly Measure[]> => {
  const plain = await openInterpreter({ metered: false })
  const metered = await openInterpreter({ metered: true })
  const measures: Measure[] = []
  for (const kernel of scriptKernels) {
    if (plain[kernel]() !== metered[kernel]()) throw new Error(`the interpreters differ over ${kernel}`)
    const taken = await sampleInTurns({ plain: plain[kernel], metered: metered[kernel] }, sampling)
    const { plain: theirs = Number.NaN, metered: ours = Number.NaN } = percentiles(taken, 0.1)
    measures.push(...judge(goalsOf.interpreter[kernel], { ours, peers: { [peerNames.unmetered]: theirs } }))
  }
  return measures
}
