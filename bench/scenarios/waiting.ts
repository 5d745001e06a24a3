// A thousand calls at once, each of which waits 50 ms in a host function: a plugin that waits must hold nobody up. The
// first round of a plugin makes its instances, the second finds them.

import { setTimeout as sleep } from 'node:timers/promises'
import { openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { median, timeOf } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'
import { openBenchFolder, type PluginKind } from '../plugins/folder.ts'
import { sized } from '../quick.ts'
import { benchFunctions, waitMs } from './host-functions.ts'

const calls = 1000
const scriptCalls = 100
/** Plugins, each new: a first round happens once. */
const plugins = 5

const atOnce = (count: number, run: () => Promise<unknown>): Promise<number> =>
  timeOf(() => Promise.all(Array.from({ length: count }, run)))

/** Wall time of the first and the second round, ms. */
const measureRounds = async (kind: PluginKind, count: number): Promise<{ fresh: number; warm: number }> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({
    home: folder.home,
    functions: benchFunctions,
    policy: { boundary: 'thread', limits: { concurrency: calls } },
  })
  const fresh: number[] = []
  const warm: number[] = []
  // The first plugin warms the host up; it does not count.
  for (let index = 0; index <= sized(plugins, 1); index++) {
    const name = `${kind.toLowerCase()}-${index}`
    const { id } = await host.loadPlugin(await folder.write({ name, kind, source: 'asks' }))
    const rounds = [await atOnce(count, () => host.call(id, 'wait')), await atOnce(count, () => host.call(id, 'wait'))]
    await host.unloadPlugin(id)
    if (index === 0) continue
    fresh.push(rounds[0] ?? Number.NaN)
    warm.push(rounds[1] ?? Number.NaN)
  }
  return { fresh: median(fresh), warm: median(warm) }
}

/** See the file's head. */
export const measureWaiting = async (): Promise<readonly Measure[]> => {
  const timers = async (count: number) => ({ [peerNames.timers]: await atOnce(count, () => sleep(waitMs)) })
  const peers = await timers(calls)
  const wasm = await measureRounds('wasm', calls)
  const script = await measureRounds('JavaScript', scriptCalls)
  const scriptPeers = await timers(scriptCalls)
  const name = `${scriptCalls} calls at once that wait ${waitMs} ms in a host function, JavaScript`
  return [
    ...judge(goals.waitingWarm, { ours: wasm.warm, peers }),
    ...judge(goals.waitingFresh, { ours: wasm.fresh, peers }),
    ...compare({ name: `${name}, warm instances`, unit: 'ms', ours: script.warm, peers: scriptPeers }),
    ...compare({ name: `${name}, fresh instances`, unit: 'ms', ours: script.fresh, peers: scriptPeers }),
  ]
}
