// What the gate and the audit add to a host call: the same function, doing 20 µs of work, with and without a capability.

import { openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { type Caller, callers, goalsOf } from '../goals.ts'
import { inUnit, medians, sampleInTurns } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'
import { hostCallsPerCall } from '../plugins/asked.ts'
import { openBenchFolder } from '../plugins/folder.ts'
import { benchFunctions, capability } from './host-functions.ts'

const sampling = { warmUp: 50, samples: 300, budgetMs: 5000, blockSize: 10 }

const measureFrom = async (caller: Caller): Promise<readonly Measure[]> => {
  const [kind, boundary] = caller.split(', ') as ['wasm' | 'JavaScript', 'thread' | 'inline']
  await using folder = await openBenchFolder()
  await using host = await openHost({
    home: folder.home,
    functions: benchFunctions,
    policy: { boundary, grants: { asks: [capability] } },
  })
  const { id } = await host.loadPlugin(await folder.write({ name: 'asks', kind, source: 'asks', keepsState: true }))
  const call = (action: string) => () => host.call(id, action)
  const taken = {
    ...(await sampleInTurns({ plain: call('plain'), read: call('read') }, sampling)),
    // Alone: what waits for the disk would hold up the others' turns.
    ...(await sampleInTurns({ write: call('write') }, { ...sampling, budgetMs: 2000 })),
  }
  const each = inUnit(medians(taken), (ms) => (ms / hostCallsPerCall) * 1000)
  const { plain = Number.NaN, read = Number.NaN, write = Number.NaN } = each
  const peers = { [peerNames.ungated]: plain }
  const name = `the same, a function that writes (record on disk first), ${caller}`
  return [
    ...judge(goalsOf.hostCall[caller], { ours: read, peers }),
    ...compare({ name, unit: 'µs', ours: write, peers }),
  ]
}

/** See the file's head. */
export const measureHostCalls = async (): Promise<readonly Measure[]> => {
  const measures: Measure[] = []
  for (const caller of callers) measures.push(...(await measureFrom(caller)))
  return measures
}
