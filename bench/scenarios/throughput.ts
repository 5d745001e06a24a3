// How many calls a second one core carries: calls made for some seconds without a break, divided by the CPU time that the
// whole process took for them: garbage collection, compilers and the writing of audit records included.

import { setImmediate as nextTurn } from 'node:timers/promises'
import { openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { compare, type Measure } from '../measure.ts'
import { openExtism } from '../peers/extism.ts'
import { peerNames } from '../peers/names.ts'
import { openBenchFolder, smallInput } from '../plugins/folder.ts'
import { assembleEcho } from '../plugins/modules.ts'
import { sized } from '../quick.ts'

const inFlight = 16
const runMs = 3000
const json = JSON.stringify(smallInput)

interface Rate {
  readonly perCpuSecond: number
  readonly perSecond: number
}

const callFor = async (forMs: number, lanes: number, call: () => Promise<unknown>): Promise<Rate> => {
  let calls = 0
  const before = process.cpuUsage()
  const startedAt = performance.now()
  const lane = async (): Promise<void> => {
    while (performance.now() - startedAt < forMs) {
      await call()
      // Calls that never leave the thread would keep the event loop from having a turn.
      if (++calls % 100 === 0) await nextTurn()
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(before)
  return { perCpuSecond: calls / ((user + system) / 1e6), perSecond: calls / seconds }
}

const measureRate = async (lanes: number, call: () => Promise<unknown>): Promise<Rate> => {
  await callFor(sized(1000, 200), lanes, call)
  return callFor(sized(runMs, 300), lanes, call)
}

const measureThread = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({
    home: folder.home,
    policy: { boundary: 'thread', limits: { concurrency: inFlight } },
  })
  await using extism = await openExtism(await assembleEcho(), 'thread')
  const { id } = await host.loadPlugin(await folder.write({ name: 'echo', kind: 'wasm' }))
  const theirs = await measureRate(1, () => extism.call('echo', json))
  const ours = await measureRate(inFlight, () => host.call(id, 'echo', smallInput))
  const peers = (figure: keyof Rate) => ({ [peerNames.extismThread]: theirs[figure] })
  return [
    ...judge(goals.throughput, { ours: ours.perCpuSecond, peers: peers('perCpuSecond') }),
    ...compare({
      name: 'calls a second, wasm, one thread, fresh state, 1 MiB memory',
      unit: 'calls/s',
      ours: ours.perSecond,
      peers: peers('perSecond'),
    }),
  ]
}

const measureInline = async (): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary: 'inline' } })
  await using extism = await openExtism(await assembleEcho(), 'inline')
  const { id } = await host.loadPlugin(await folder.write({ name: 'echo', kind: 'wasm', keepsState: true }))
  const theirs = await measureRate(1, () => extism.call('echo', json))
  const ours = await measureRate(1, () => host.call(id, 'echo', smallInput))
  return compare({
    name: 'calls a second of CPU time, wasm, inline, kept state',
    unit: 'calls/s',
    ours: ours.perCpuSecond,
    peers: { [peerNames.extismInline]: theirs.perCpuSecond },
  })
}

/** See the file's head. */
export const measureThroughput = async (): Promise<readonly Measure[]> => [
  ...(await measureThread()),
  ...(await measureInline()),
]
