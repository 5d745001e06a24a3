// The second wall: plugins of cells in jailed processes. Warm calls beside the same on a thread, what loading costs with a
// jail that was started before and without, memory, and idleness.

import { setTimeout as sleep } from 'node:timers/promises'
import { openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { inUnit, medians, percentile, sampleInTurns } from '../harness.ts'
import { compare, floors, type Measure } from '../measure.ts'
import { peerNames } from '../peers/names.ts'
import { type BenchFolder, openBenchFolder, type PluginKind, smallInput } from '../plugins/folder.ts'
import { cpuMs, processesBelow, proportionalMiB } from '../processes.ts'
import { sized } from '../quick.ts'

const kinds = ['wasm', 'JavaScript'] as const
const sampling = { warmUp: 3000, samples: 3000, budgetMs: 5000, blockSize: 100 }
/** After the last load, ms: by then the next jail is started, and has nothing left to do. */
const spareMs = 1500

const toUs = (ms: number): number => ms * 1000
const jails = (): readonly number[] => processesBelow('node', 'jail-entry')

const openAt = (folder: BenchFolder, boundary: 'jail' | 'thread') =>
  openHost({ home: folder.home, policy: { boundary } })

const measureCalls = async (kind: PluginKind): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  const path = await folder.write({ name: 'echo', kind, keepsState: true })
  await using jailed = await openAt(folder, 'jail')
  await using threaded = await openAt(folder, 'thread')
  await jailed.loadPlugin(path)
  await threaded.loadPlugin(path)
  const taken = await sampleInTurns(
    {
      ours: () => jailed.call('echo', 'echo', smallInput),
      [peerNames.thread]: () => threaded.call('echo', 'echo', smallInput),
    },
    sampling,
  )
  const { ours = Number.NaN, ...peers } = inUnit(medians(taken), toUs)
  const name = `warm call, ${kind}, jail, kept state, 16 B`
  return [
    ...(kind === 'wasm'
      ? judge(goals.jailCall, { ours, peers })
      : compare({ name: `${name}, p50`, unit: 'µs', ours, peers })),
    ...compare({
      name: `${name}, p95`,
      unit: 'µs',
      ours: toUs(percentile(taken['ours'] ?? [], 0.95)),
      targets: [{ below: floors.messageMs * 1000 }],
    }),
  ]
}

/** Milliseconds of loading a plugin and calling it once, in hosts of their own; `prepare` comes before the clock. */
const timeFirstCall = async (kind: PluginKind, how: 'spare' | 'none' | 'thread'): Promise<number> => {
  await using folder = await openBenchFolder()
  await using host = await openAt(folder, how === 'thread' ? 'thread' : 'jail')
  const path = await folder.write({ name: 'measured', kind })
  if (how !== 'none') {
    // Whatever is shared between plugins is there: a thread, a spare.
    await host.loadPlugin(await folder.write({ name: 'before', kind, mark: 'before' }))
    await sleep(sized(spareMs, 600))
  }
  const startMs = performance.now()
  await host.call((await host.loadPlugin(path)).id, 'echo', smallInput)
  return performance.now() - startMs
}

const median = (samples: readonly number[]): number => percentile(samples, 0.5)

const measureStart = async (kind: PluginKind): Promise<readonly Measure[]> => {
  const taken = { spare: [] as number[], none: [] as number[], thread: [] as number[] }
  for (let round = 0; round < sized(7, 1); round++) {
    for (const how of ['spare', 'none', 'thread'] as const) taken[how].push(await timeFirstCall(kind, how))
  }
  const peers = { [peerNames.withoutSpare]: median(taken.none), [peerNames.thread]: median(taken.thread) }
  const ours = median(taken.spare)
  return kind === 'wasm'
    ? judge(goals.jailStart, { ours, peers })
    : compare({ name: `load and first call, ${kind}, in a jail from a spare, p50`, unit: 'ms', ours, peers })
}

const measureMemory = async (kind: PluginKind): Promise<{ memory: number; idle: number }> => {
  await using folder = await openBenchFolder()
  await using host = await openAt(folder, 'jail')
  const { id } = await host.loadPlugin(await folder.write({ name: 'echo', kind }))
  const [pid = 0] = jails()
  for (let call = 0; call < sized(2000, 100); call++) await host.call(id, 'echo', smallInput)
  await sleep(sized(3000, 300))
  const memory = proportionalMiB(pid)
  const all = jails()
  const used = (): number => all.reduce((sum, jail) => sum + cpuMs(jail), 0)
  const before = used()
  const forMs = sized(10_000, 500)
  await sleep(forMs)
  return { memory, idle: (100 * (used() - before)) / forMs / all.length }
}

/** See the file's head. */
export const measureJail = async (): Promise<readonly Measure[]> => {
  const measures: Measure[] = []
  for (const kind of kinds) measures.push(...(await measureCalls(kind)))
  for (const kind of kinds) measures.push(...(await measureStart(kind)))
  for (const kind of kinds) {
    const { memory, idle } = await measureMemory(kind)
    measures.push(...judge(kind === 'wasm' ? goals.jailMemoryWasm : goals.jailMemoryScript, { ours: memory }))
    if (kind === 'JavaScript') measures.push(...judge(goals.jailIdle, { ours: idle }))
  }
  return measures
}
