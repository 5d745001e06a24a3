// A fresh instance of a module of 1.9 MB, made for a caller that the plugin has not served before, to its first result. The
// peer loads the same bytes into a new plugin, which is how it makes an instance.

import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openHost } from '@bulkhead/host'
import { runForked } from '../fork.ts'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { percentile, sampleInTurns, timeOf } from '../harness.ts'
import { engine } from '../kernels/engine.ts'
import { compare, type Measure } from '../measure.ts'
import { openExtism } from '../peers/extism.ts'
import { peerNames } from '../peers/names.ts'
import { openBenchFolder, smallInput } from '../plugins/folder.ts'
import { makeLargeModule } from '../plugins/large-module.ts'
import { sized } from '../quick.ts'

const sampling = { warmUp: 300, samples: 1000, budgetMs: 4000 }
/** Plugins of the peer: each costs a thread. */
const peerPlugins = 40
const json = JSON.stringify(smallInput)

const memoryOf = (what: string, path: string): Promise<number> =>
  runForked(new URL('../probes/instances.ts', import.meta.url), [what, path])

/** Time to open a plugin and to its first result, ms; closing it is not counted. */
const openingTime = async (wasm: Parameters<typeof openExtism>[0]): Promise<number> => {
  const taken: number[] = []
  for (let turn = 0; turn < sized(peerPlugins, 3); turn++) {
    await using opened = new AsyncDisposableStack()
    taken.push(await timeOf(async () => opened.use(await openExtism(wasm, 'thread')).call('echo', json)))
  }
  return percentile(
    taken.sort((a, b) => a - b),
    0.5,
  )
}

/** See the file's head. */
export const measureLargeModule = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary: 'thread' } })
  const bytes = await makeLargeModule()
  const path = join(folder.home, 'large.wasm')
  await writeFile(path, bytes)
  const kept = await host.loadPlugin(
    await folder.write({ name: 'kept', kind: 'wasm', source: 'large', keepsState: true }),
  )
  const fresh = await host.loadPlugin(await folder.write({ name: 'fresh', kind: 'wasm', source: 'large' }))
  let users = 0
  // One after the other: the instances that the first discards are garbage that the second would have to wait for.
  const { ours: made = [] } = await sampleInTurns(
    { ours: () => host.call(kept.id, 'echo', smallInput, { user: `user ${++users}` }) },
    sampling,
  )
  const { ours: restored = [] } = await sampleInTurns({ ours: () => host.call(fresh.id, 'echo', smallInput) }, sampling)
  const peers = {
    [peerNames.extismThread]: await openingTime(bytes),
    [peerNames.extismCompiled]: await openingTime(new engine.Module(bytes)),
  }
  return [
    ...judge(goals.largeModule, { ours: percentile(made, 0.5), peers }),
    ...compare({
      name: 'the same, an instance put back to its first state after each call, p50',
      unit: 'ms',
      ours: percentile(restored, 0.5),
      peers,
    }),
    ...judge(goals.largeModuleMemory, {
      ours: await memoryOf('large', path),
      peers: { [peerNames.extismThread]: await memoryOf('Extism', path) },
    }),
  ]
}
