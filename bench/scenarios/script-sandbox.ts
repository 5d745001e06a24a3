// A fresh JavaScript sandbox with a memory of its own, made for a caller that the plugin has not served before, to its
// first result. Of the peers only a new module has a memory of its own.

import { openHost } from '@bulkhead/host'
import { runForked } from '../fork.ts'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { medians, sampleInTurns } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'
import { echoInFreshContext, openCompiledQuickJs, openQuickJs } from '../peers/quickjs.ts'
import { echoInFreshEngine, openWasmoon } from '../peers/wasmoon.ts'
import { openBenchFolder, smallInput } from '../plugins/folder.ts'

const sampling = { warmUp: 300, samples: 500, budgetMs: 10_000, blockSize: 20 }
const json = JSON.stringify(smallInput)

/** See the file's head. */
export const measureScriptSandbox = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary: 'thread' } })
  const kept = await host.loadPlugin(await folder.write({ name: 'kept', kind: 'JavaScript', keepsState: true }))
  const fresh = await host.loadPlugin(await folder.write({ name: 'fresh', kind: 'JavaScript' }))
  const shared = await openQuickJs()
  const openCompiled = await openCompiledQuickJs()
  const lua = openWasmoon()
  let users = 0
  const taken = await sampleInTurns(
    {
      made: () => host.call(kept.id, 'echo', smallInput, { user: `user ${++users}` }),
      [peerNames.quickJsModule]: async () => echoInFreshContext(await openQuickJs(), json),
      [peerNames.quickJsCompiled]: async () => echoInFreshContext(await openCompiled(), json),
      [peerNames.quickJsContext]: () => echoInFreshContext(shared, json),
      [peerNames.wasmoon]: () => echoInFreshEngine(lua, smallInput),
    },
    sampling,
  )
  const { made = Number.NaN, ...peers } = medians(taken)
  const { restored = Number.NaN } = medians(
    await sampleInTurns({ restored: () => host.call(fresh.id, 'echo', smallInput) }, sampling),
  )
  return [
    ...judge(goals.sandbox, { ours: made, peers }),
    ...compare({
      name: 'the same, a sandbox put back to its first state after each call, p50',
      unit: 'ms',
      ours: restored,
      peers,
    }),
    ...compare({
      name: 'memory of each JavaScript sandbox, thread',
      unit: 'MiB',
      ours: await runForked<number>(new URL('../probes/instances.ts', import.meta.url), ['script']),
    }),
  ]
}
