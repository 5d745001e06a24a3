// Raw bytes through an echo, 1 MiB each way. What is counted is one way: a megabyte that went in and came out is one.

import { openHost } from '@bulkhead/host'
import { judge } from '../goal.ts'
import { goals } from '../goals.ts'
import { inUnit, medians, sampleInTurns } from '../harness.ts'
import { compare, type Measure } from '../measure.ts'
import { type Boundary, extismName, openExtism } from '../peers/extism.ts'
import { peerNames } from '../peers/names.ts'
import { openEchoThread } from '../peers/post-message.ts'
import { openBenchFolder } from '../plugins/folder.ts'
import { assembleEcho } from '../plugins/modules.ts'

const sampling = { warmUp: 100, samples: 300, budgetMs: 6000, blockSize: 20 }
const input = new Uint8Array(2 ** 20).fill(0x2a)

/** Milliseconds for one input → megabytes a second. */
const toRate = (ms: number): number => input.length / 1000 / ms

const measureBoundary = async (boundary: Boundary): Promise<readonly Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary } })
  await using extism = await openExtism(await assembleEcho(), boundary)
  await using thread = await openEchoThread()
  await host.loadPlugin(await folder.write({ name: 'wasm', kind: 'wasm', keepsState: true }))
  await host.loadPlugin(await folder.write({ name: 'script', kind: 'JavaScript', keepsState: true }))
  const isThread = boundary === 'thread'
  const taken = await sampleInTurns(
    {
      wasm: () => host.invokeRaw('wasm', 'echo', input),
      script: () => host.invokeRaw('script', 'echo', input),
      [extismName(boundary)]: () => extism.call('echo', input),
      ...(isThread ? { [peerNames.postMessage]: () => thread.echo(input) } : {}),
    },
    sampling,
  )
  const { wasm = Number.NaN, script = Number.NaN, ...peers } = inUnit(medians(taken), toRate)
  const { [extismName(boundary)]: _extism, ...bare } = peers
  const name = (tier: string): string => `1 MiB of raw bytes in and out, ${tier}, ${boundary}, kept state`
  return [
    ...(isThread
      ? judge(goals.bytes, { ours: wasm, peers })
      : compare({ name: name('wasm'), unit: 'MB/s', ours: wasm, peers })),
    ...compare({ name: name('JavaScript'), unit: 'MB/s', ours: script, peers: bare }),
  ]
}

/** See the file's head. */
export const measureBytes = async (): Promise<readonly Measure[]> => [
  ...(await measureBoundary('thread')),
  ...(await measureBoundary('inline')),
]
