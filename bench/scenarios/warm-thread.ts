// A message to a loaded plugin on a thread and back, 16 bytes each way, for both tiers, with fresh and kept state. Each
// pair is compared with its peers alone: a case that litters would make the others wait for the garbage collector.

import { openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { inUnit, medians, percentile, sampleInTurns } from '../harness.ts'
import { compare, floors, type Measure } from '../measure.ts'
import { openExtism } from '../peers/extism.ts'
import { peerNames } from '../peers/names.ts'
import { openEchoThread } from '../peers/post-message.ts'
import { echoInFreshContext, openQuickJs } from '../peers/quickjs.ts'
import { openBenchFolder, type PluginKind, smallInput } from '../plugins/folder.ts'
import { assembleEcho } from '../plugins/modules.ts'

const sampling = { warmUp: 20_000, warmUpMs: 3000, samples: 3000, budgetMs: 4000, blockSize: 100 }
const json = JSON.stringify(smallInput)

/** A floor for the slow ones of all calls. */
const tailTargets = [{ below: floors.messageMs * 1000 }]

const toUs = (ms: number): number => ms * 1000

/** See the file's head. */
export const measureWarmThread = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary: 'thread' } })
  await using extism = await openExtism(await assembleEcho(), 'thread')
  await using thread = await openEchoThread()
  const quickJs = await openQuickJs()
  const load = async (kind: PluginKind, keepsState: boolean): Promise<string> => {
    const name = `${kind.toLowerCase()}-${keepsState ? 'kept' : 'fresh'}`
    return (await host.loadPlugin(await folder.write({ name, kind, keepsState }))).id
  }
  const bare = { [peerNames.postMessage]: () => thread.echo(json) }
  const wasmPeers = { ...bare, [peerNames.extismThread]: () => extism.call('echo', json) }
  const measures: Measure[] = []

  for (const keepsState of [true, false]) {
    const id = await load('wasm', keepsState)
    const bytes = new TextEncoder().encode(json)
    const taken = await sampleInTurns(
      { ours: () => host.call(id, 'echo', smallInput), raw: () => host.invokeRaw(id, 'echo', bytes), ...wasmPeers },
      sampling,
    )
    const { ours = Number.NaN, raw = Number.NaN, ...peers } = inUnit(medians(taken), toUs)
    const state = keepsState ? 'kept' : 'fresh'
    const name = `warm call, wasm, thread, ${state} state, 16 B`
    measures.push(
      ...judge(keepsState ? goals.threadKept : goals.threadFresh, { ours, peers }),
      ...compare({ name: `${name}, p50: invokeRaw, bytes to bytes`, unit: 'µs', ours: raw, peers }),
      ...compare({
        name: `${name}, p95`,
        unit: 'µs',
        ours: toUs(percentile(taken['ours'] ?? [], 0.95)),
        targets: tailTargets,
      }),
    )
    await host.unloadPlugin(id)
  }

  for (const keepsState of [true, false]) {
    const id = await load('TypeScript', keepsState)
    const taken = await sampleInTurns(
      {
        ours: () => host.call(id, 'echo', smallInput),
        ...bare,
        ...(keepsState
          ? { [peerNames.quickJsContext]: () => echoInFreshContext(quickJs, json) }
          : { [peerNames.quickJsModule]: async () => echoInFreshContext(await openQuickJs(), json) }),
      },
      sampling,
    )
    const { ours = Number.NaN, ...peers } = inUnit(medians(taken), toUs)
    const name = `warm call, TypeScript, thread, ${keepsState ? 'kept' : 'fresh'} state, 16 B`
    measures.push(
      ...compare({ name: `${name}, p50`, unit: 'µs', ours, peers }),
      ...compare({
        name: `${name}, p95`,
        unit: 'µs',
        ours: toUs(percentile(taken['ours'] ?? [], 0.95)),
        targets: tailTargets,
      }),
    )
    await host.unloadPlugin(id)
  }
  return measures
}
