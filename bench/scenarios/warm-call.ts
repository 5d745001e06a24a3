// A message to a loaded plugin and back, 16 bytes each way: both tiers, fresh and kept state, thread and inline. Each
// pair is compared with its peers alone: a case that litters would make the others wait for the garbage collector.

import { type Host, openHost } from '@bulkhead/host'
import { percentile, type Samples, sampleInTurns } from '../harness.ts'
import { floors, type Goal, makeMeasure, type Measure } from '../measure.ts'
import { extismName, openExtism } from '../peers/extism.ts'
import { openEchoThread, postMessageName } from '../peers/post-message.ts'
import { echoInFreshContext, openQuickJs, quickJsName } from '../peers/quickjs.ts'
import { assembleEcho, type BenchFolder, openBenchFolder, type PluginKind, smallInput } from '../plugins.ts'

const sampling = { warmUp: 6000, samples: 5000, budgetMs: 4000 }
const json = JSON.stringify(smallInput)
const bytes = new TextEncoder().encode(json)
const manyCalls = 20_000
const inFlight = 16

type Boundary = 'thread' | 'inline'
type Peers = Readonly<Record<string, () => unknown>>

interface Variant {
  readonly kind: PluginKind
  readonly boundary: Boundary
  readonly keepsState: boolean
  /** In µs; by peer, and `''` for what has none. */
  readonly goals?: Readonly<Record<string, Goal>>
}

interface Stage {
  readonly host: Host
  readonly folder: BenchFolder
}

const nameOf = ({ kind, boundary, keepsState }: Variant): string =>
  `${kind}, ${boundary}, ${keepsState ? 'kept' : 'fresh'} state`

const rowsOf = (name: string, ours: Samples, { theirs, goals = {} }: { theirs: Record<string, Samples>; goals?: Variant['goals'] }) => {
  const at = (samples: Samples, share: number): number => percentile(samples, share) * 1000
  const parts = { name: `${name}, p50`, unit: 'µs' as const, ours: at(ours, 0.5) }
  return [
    makeMeasure({ ...parts, most: floors.messageMs * 1000, ...goals[''] }),
    ...Object.entries(theirs).map(([peer, samples]) =>
      makeMeasure({ ...parts, ...goals[peer], peer: { name: peer, value: at(samples, 0.5) } }),
    ),
    makeMeasure({ name: `${name}, p95`, unit: 'µs', ours: at(ours, 0.95), most: floors.messageMs * 1000 }),
  ]
}

const measureVariant = async ({ host, folder }: Stage, variant: Variant, peers: Peers): Promise<readonly Measure[]> => {
  const { kind, keepsState, goals } = variant
  const id = `${kind.toLowerCase()}-${keepsState ? 'kept' : 'fresh'}`
  await host.loadPlugin(await folder.write({ name: id, kind, keepsState }))
  const { ours = [], ...theirs } = await sampleInTurns({ ours: () => host.call(id, 'echo', smallInput), ...peers }, sampling)
  const measures = rowsOf(`warm call, ${nameOf(variant)}`, ours, { theirs, ...(goals === undefined ? {} : { goals }) })
  if (kind === 'wasm') {
    const raw = await sampleInTurns({ ours: () => host.invokeRaw(id, 'echo', bytes), ...peers }, sampling)
    const { ours: rawOurs = [], ...rawTheirs } = raw
    measures.push(...rowsOf(`warm call of bytes, ${nameOf(variant)}`, rawOurs, { theirs: rawTheirs }))
  }
  if (kind === 'wasm' && !keepsState && variant.boundary === 'thread') measures.push(await measureThroughput(host, id))
  await host.unloadPlugin(id)
  return measures
}

/** Calls a second of CPU time of the whole process, so that it does not count for us that two cores are busy. */
const measureThroughput = async (host: Host, id: string): Promise<Measure> => {
  let left = manyCalls
  const worker = async (): Promise<void> => {
    while (left-- > 0) await host.call(id, 'echo', smallInput)
  }
  const before = process.cpuUsage()
  await Promise.all(Array.from({ length: inFlight }, worker))
  const { user, system } = process.cpuUsage(before)
  return makeMeasure({
    name: `calls a second a core, wasm, thread, fresh state, ${inFlight} in flight`,
    unit: 'calls/s',
    ours: manyCalls / ((user + system) / 1e6),
    least: 5000,
  })
}

const measureBoundary = async (boundary: Boundary): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary } })
  await using thread = await openEchoThread()
  const quickJs = await openQuickJs()
  const bare: Peers = boundary === 'thread' ? { [postMessageName]: () => thread.echo(json) } : {}
  const script: Record<'fresh' | 'kept', Peers> = {
    fresh: { [quickJsName.module]: async () => echoInFreshContext(await openQuickJs(), json), ...bare },
    kept: { [quickJsName.context]: () => echoInFreshContext(quickJs, json), ...bare },
  }
  const stage = { host, folder }
  const measures = [
    ...(await measureVariant(
      stage,
      { kind: 'TypeScript', boundary, keepsState: false, goals: { '': { most: 1000 }, [quickJsName.module]: { timesBetter: 4 } } },
      script.fresh,
    )),
    ...(await measureVariant(stage, { kind: 'TypeScript', boundary, keepsState: true }, script.kept)),
  ]
  const extism = extismName(boundary)
  for (const keepsState of [false, true]) {
    // A plugin of Extism gives no block back until it is closed, and breaks after some ten thousand calls.
    await using peer = await openRenewedExtism(boundary)
    const wasm: Peers = { [extism]: () => peer.call(), ...bare }
    measures.push(...(await measureVariant(stage, { kind: 'wasm', boundary, keepsState, goals: wasmGoals(boundary, keepsState) }, wasm)))
  }
  return measures
}

const wasmGoals = (boundary: Boundary, keepsState: boolean): NonNullable<Variant['goals']> => {
  if (boundary === 'inline') return keepsState ? { '': { most: 3 }, [extismName('inline')]: { timesBetter: 2 } } : {}
  if (!keepsState) return { '': { most: 60 } }
  return { '': { most: 30 }, [postMessageName]: { mostTimes: 2 }, [extismName('thread')]: { timesBetter: 4 } }
}

const callsOfOnePeer = 10_000

/** Extism's plugin, opened anew before it breaks; the opening is not part of a call. */
const openRenewedExtism = async (boundary: Boundary): Promise<{ call(): Promise<unknown> } & AsyncDisposable> => {
  const wasm = await assembleEcho()
  let plugin = await openExtism(wasm, boundary)
  let next = openExtism(wasm, boundary)
  let calls = 0
  return {
    call: async () => {
      if (++calls % callsOfOnePeer === 0) {
        await plugin[Symbol.asyncDispose]()
        plugin = await next
        next = openExtism(wasm, boundary)
      }
      return plugin.call('echo', json)
    },
    [Symbol.asyncDispose]: async () => {
      await plugin[Symbol.asyncDispose]()
      await (await next)[Symbol.asyncDispose]()
    },
  }
}

/** See the file's head. */
export const measureWarmCalls = async (): Promise<readonly Measure[]> => [
  ...(await measureBoundary('thread')),
  ...(await measureBoundary('inline')),
]
