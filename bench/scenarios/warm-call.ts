// A message to a loaded plugin and back, 16 bytes each way: both tiers, fresh and kept state, thread and inline. Each
// pair is compared with its peers alone: a case that litters would make the others wait for the garbage collector.

import { type Host, openHost } from '@bulkhead/host'
import { percentile, sampleInTurns } from '../harness.ts'
import { floors, makeMeasure, type Measure } from '../measure.ts'
import { extismName, openExtism } from '../peers/extism.ts'
import { openEchoThread, postMessageName } from '../peers/post-message.ts'
import { echoInFreshContext, openQuickJs, quickJsName } from '../peers/quickjs.ts'
import { assembleEcho, type BenchFolder, openBenchFolder, type PluginKind, smallInput } from '../plugins.ts'

const sampling = { warmUp: 4000, samples: 2000, budgetMs: 3000 }
const json = JSON.stringify(smallInput)

type Boundary = 'thread' | 'inline'
type Peers = Readonly<Record<string, () => unknown>>

interface Variant {
  readonly kind: PluginKind
  readonly boundary: Boundary
  readonly keepsState: boolean
}

interface Stage {
  readonly host: Host
  readonly folder: BenchFolder
}

const measureVariant = async ({ host, folder }: Stage, variant: Variant, peers: Peers): Promise<readonly Measure[]> => {
  const { kind, boundary, keepsState } = variant
  const state = keepsState ? 'kept' : 'fresh'
  const { id } = await host.loadPlugin(await folder.write({ name: `${kind.toLowerCase()}-${state}`, kind, keepsState }))
  const { ours = [], ...theirs } = await sampleInTurns(
    { ours: () => host.call(id, 'echo', smallInput), ...peers },
    sampling,
  )
  await host.unloadPlugin(id)
  const partsAt = (share: number) => ({
    name: `warm call, ${kind}, ${boundary}, ${state} state, p${share * 100}`,
    unit: 'ms' as const,
    ours: percentile(ours, share),
    below: floors.messageMs,
  })
  return [
    ...Object.entries(theirs).map(([name, samples]) =>
      makeMeasure({ ...partsAt(0.5), peer: { name, value: percentile(samples, 0.5) } }),
    ),
    makeMeasure(partsAt(0.95)),
  ]
}

const measureBoundary = async (boundary: Boundary): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary } })
  await using extism = await openExtism(await assembleEcho(), boundary)
  await using thread = await openEchoThread()
  const quickJs = await openQuickJs()
  const bare: Peers = boundary === 'thread' ? { [postMessageName]: () => thread.echo(json) } : {}
  const wasm: Peers = { [extismName(boundary)]: () => extism.call('echo', json), ...bare }
  const script: Record<'fresh' | 'kept', Peers> = {
    fresh: { [quickJsName.module]: async () => echoInFreshContext(await openQuickJs(), json), ...bare },
    kept: { [quickJsName.context]: () => echoInFreshContext(quickJs, json), ...bare },
  }
  const stage = { host, folder }
  return [
    ...(await measureVariant(stage, { kind: 'TypeScript', boundary, keepsState: false }, script.fresh)),
    ...(await measureVariant(stage, { kind: 'TypeScript', boundary, keepsState: true }, script.kept)),
    ...(await measureVariant(stage, { kind: 'wasm', boundary, keepsState: false }, wasm)),
    ...(await measureVariant(stage, { kind: 'wasm', boundary, keepsState: true }, wasm)),
  ]
}

/** See the file's head. */
export const measureWarmCalls = async (): Promise<readonly Measure[]> => [
  ...(await measureBoundary('thread')),
  ...(await measureBoundary('inline')),
]
