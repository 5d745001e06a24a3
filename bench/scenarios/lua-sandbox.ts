// A fresh Lua sandbox with a memory of its own to its first result, warm calls, and whether many calls make it grow. The
// peer's engines share one memory, and its limits do not hold.

import { type Host, openHost } from '@bulkhead/host'
import { type Goal, judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { inUnit, medians, percentile, sampleInTurns } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'
import { echoInFreshEngine, openWasmoon } from '../peers/wasmoon.ts'
import { openBenchFolder, type PluginKind, smallInput } from '../plugins/folder.ts'
import { sized } from '../quick.ts'

const freshSampling = { warmUp: 300, samples: 500, budgetMs: 10_000, blockSize: 20 }
const warmSampling = { warmUp: 20_000, warmUpMs: 3000, samples: 3000, budgetMs: 4000, blockSize: 100 }
const manyCalls = 10_000

const toUs = (ms: number): number => ms * 1000

/** See the file's head. */
export const measureLuaSandbox = async (): Promise<readonly Measure[]> => {
  const wasmoon = openWasmoon()
  return await measureSandbox({
    kind: 'Lua',
    goals: { sandbox: goals.luaSandbox, kept: goals.luaKept, growth: goals.luaGrowth },
    peers: { [peerNames.wasmoon]: () => echoInFreshEngine(wasmoon, smallInput) },
  })
}

/** What is measured of a language, with the goals that it has and the peers that do the same from nothing. */
export interface SandboxSubject {
  readonly kind: PluginKind
  readonly goals: Readonly<Record<'sandbox' | 'kept' | 'growth', Goal>>
  readonly peers: Readonly<Record<string, () => unknown>>
}

/** The same figures for any language whose interpreter we build. */
export const measureSandbox = async (subject: SandboxSubject): Promise<readonly Measure[]> => {
  const { kind } = subject
  // Before there are a thousand sandboxes, in a host of its own.
  const warm = await measureWarm(kind)
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary: 'thread' } })
  const kept = await host.loadPlugin(await folder.write({ name: 'kept', kind, keepsState: true }))
  let users = 0
  const taken = await sampleInTurns(
    { made: () => host.call(kept.id, 'echo', smallInput, { user: `user ${++users}` }), ...subject.peers },
    freshSampling,
  )
  const { made = Number.NaN, ...peers } = medians(taken)
  const { kept: keptUs = Number.NaN, fresh: freshUs = Number.NaN } = inUnit(medians(warm), toUs)
  const p95 = (of: 'kept' | 'fresh'): number => toUs(percentile(warm[of] ?? [], 0.95))
  return [
    ...judge(subject.goals.sandbox, { ours: made, peers }),
    ...judge(subject.goals.kept, { ours: keptUs }),
    ...compare({ name: `warm call, ${kind}, thread, kept state, 16 B, p95`, unit: 'µs', ours: p95('kept') }),
    ...compare({ name: `warm call, ${kind}, thread, fresh state, 16 B, p50`, unit: 'µs', ours: freshUs }),
    ...compare({ name: `warm call, ${kind}, thread, fresh state, 16 B, p95`, unit: 'µs', ours: p95('fresh') }),
    ...judge(subject.goals.growth, { ours: await growth(host, kept.id) }),
  ]
}

const measureWarm = async (kind: PluginKind) => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary: 'thread' } })
  const sample = async (name: 'kept' | 'fresh') => {
    const { id } = await host.loadPlugin(await folder.write({ name, kind, keepsState: name === 'kept' }))
    return await sampleInTurns({ [name]: () => host.call(id, 'echo', smallInput) }, warmSampling)
  }
  // One after the other: putting megabytes back between calls that need none would show in these.
  return { ...(await sample('kept')), ...(await sample('fresh')) }
}

/** How much the memory of one instance is larger after many calls than it was after some, MiB. */
const growth = async (host: Host, id: string): Promise<number> => {
  const memory = async (calls: number): Promise<number> => {
    let bytes = 0
    for (let call = 0; call < calls; call++) {
      bytes = (await host.invoke(id, 'echo', smallInput, { user: 'grower' })).metrics.memoryBytes ?? 0
    }
    return bytes
  }
  const before = await memory(200)
  return ((await memory(sized(manyCalls, 300))) - before) / 1024 ** 2
}
