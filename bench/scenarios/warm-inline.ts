// The same on the caller's own thread, where nothing is left but the host's own work: once through the whole door, with
// schemas, context, limits and an audit record, and once with bytes that no schema reads, which is all that the peer does.

import { openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { inUnit, medians, percentile, sampleInTurns } from '../harness.ts'
import { compare, floors, type Measure } from '../measure.ts'
import { openExtism } from '../peers/extism.ts'
import { peerNames } from '../peers/names.ts'
import { echoInFreshContext, openQuickJs } from '../peers/quickjs.ts'
import { openBenchFolder, type PluginKind, smallInput } from '../plugins/folder.ts'
import { assembleEcho } from '../plugins/modules.ts'

const sampling = { warmUp: 20_000, samples: 10_000, budgetMs: 3000, blockSize: 200 }
const json = JSON.stringify(smallInput)

/** A floor for the slow ones of all calls. */
const tailTargets = [{ below: floors.messageMs * 1000 }]

const toUs = (ms: number): number => ms * 1000

/** See the file's head. */
export const measureWarmInline = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary: 'inline' } })
  await using extism = await openExtism(await assembleEcho(), 'inline')
  const quickJs = await openQuickJs()
  const load = async (kind: PluginKind, keepsState: boolean): Promise<string> => {
    const name = `${kind.toLowerCase()}-${keepsState ? 'kept' : 'fresh'}`
    return (await host.loadPlugin(await folder.write({ name, kind, keepsState }))).id
  }
  const bytes = new TextEncoder().encode(json)
  const measures: Measure[] = []

  for (const keepsState of [true, false]) {
    const id = await load('wasm', keepsState)
    const taken = await sampleInTurns(
      {
        call: () => host.call(id, 'echo', smallInput),
        raw: () => host.invokeRaw(id, 'echo', bytes),
        [peerNames.extismInline]: () => extism.call('echo', bytes),
      },
      sampling,
    )
    const { call = Number.NaN, raw = Number.NaN, ...peers } = inUnit(medians(taken), toUs)
    const tail = toUs(percentile(taken['call'] ?? [], 0.95))
    if (keepsState) {
      measures.push(...judge(goals.inlineCall, { ours: call, peers }), ...judge(goals.inlineRaw, { ours: raw, peers }))
      measures.push(
        ...compare({
          name: 'warm call, wasm, inline, kept state, 16 B, p95',
          unit: 'µs',
          ours: tail,
          targets: tailTargets,
        }),
      )
    } else {
      const name = 'warm call, wasm, inline, fresh state, 16 B'
      measures.push(
        ...compare({ name: `${name}, p50`, unit: 'µs', ours: call, peers }),
        ...compare({ name: `${name}, p95`, unit: 'µs', ours: tail, targets: tailTargets }),
      )
    }
    await host.unloadPlugin(id)
  }

  const id = await load('TypeScript', true)
  const taken = await sampleInTurns(
    {
      ours: () => host.call(id, 'echo', smallInput),
      [peerNames.quickJsContext]: () => echoInFreshContext(quickJs, json),
    },
    sampling,
  )
  const { ours = Number.NaN, ...peers } = inUnit(medians(taken), toUs)
  const name = 'warm call, TypeScript, inline, kept state, 16 B, p50'
  measures.push(...compare({ name, unit: 'µs', ours, peers }))
  return measures
}
