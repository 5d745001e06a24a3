// Graph algorithms on a graph of the size of a large vault, asked by a plugin: the graph crosses to the host with each question.
// Besides, how long the host's own loop stands still meanwhile, which is what other plugins feel of it.

import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { median, medians, sampleInTurns } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { openBenchFolder } from '../plugins/folder.ts'
import { sized } from '../quick.ts'

const sampling = { warmUp: 3, samples: 30, budgetMs: 20_000, blockSize: 5 }
const smallSampling = { warmUp: 300, samples: 1000, budgetMs: 4000, blockSize: 100 }

/** See the file's head. */
export const measureGraphAlgorithms = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary: 'thread' } })
  const { id } = await host.loadPlugin(
    await folder.write({ name: 'graph', kind: 'JavaScript', source: 'graph', keepsState: true }),
  )
  const ask = (action: string) => () => host.call(id, action)
  const taken = medians(
    await sampleInTurns(
      { pageRank: ask('pageRank'), communities: ask('communities'), bfs: ask('bfs'), stats: ask('stats') },
      sampling,
    ),
  )
  const held: number[] = []
  for (let round = 0; round < sized(10, 2); round++) {
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    await host.call(id, 'pageRank')
    delay.disable()
    held.push(delay.max / 1e6)
  }
  const { small = Number.NaN } = medians(await sampleInTurns({ small: ask('small') }, smallSampling))
  const { pageRank = Number.NaN, communities = Number.NaN, bfs = Number.NaN, stats = Number.NaN } = taken
  return [
    ...judge(goals.pageRank, { ours: pageRank }),
    ...judge(goals.loopHeld, { ours: median(held) }),
    ...compare({ name: 'Louvain communities of that graph, p50', unit: 'ms', ours: communities }),
    ...compare({ name: 'the first 100 nodes of that graph, breadth first, p50', unit: 'ms', ours: bfs }),
    ...compare({ name: 'figures of that graph: mostly the crossing, p50', unit: 'ms', ours: stats }),
    ...compare({ name: 'figures of a graph of one edge, p50', unit: 'ms', ours: small }),
  ]
}
