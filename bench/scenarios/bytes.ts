// One mebibyte in and out through a plugin, raw. Counted once, though it travels twice.

import { openHost } from '@bulkhead/host'
import { percentile, sampleInTurns } from '../harness.ts'
import { makeMeasure, type Measure } from '../measure.ts'
import { extismName, openExtism } from '../peers/extism.ts'
import { openEchoThread, postMessageName } from '../peers/post-message.ts'
import { assembleEcho, openBenchFolder } from '../plugins.ts'

const sampling = { warmUp: 20, samples: 100, budgetMs: 5000 }
const input = new Uint8Array(2 ** 20).fill(0x2a)

const measureBoundary = async (boundary: 'thread' | 'inline'): Promise<Measure[]> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary } })
  await using extism = await openExtism(await assembleEcho(), boundary)
  await using thread = await openEchoThread()
  await host.loadPlugin(await folder.write({ name: 'wasm', kind: 'wasm', keepsState: true }))
  await host.loadPlugin(await folder.write({ name: 'script', kind: 'JavaScript', keepsState: true }))
  const taken = await sampleInTurns(
    {
      wasm: () => host.invokeRaw('wasm', 'echo', input),
      script: () => host.invokeRaw('script', 'echo', input),
      [extismName(boundary)]: () => extism.call('echo', input),
      [postMessageName]: () => thread.echo(input),
    },
    sampling,
  )
  const rate = (name: string): number => input.length / 1000 / percentile(taken[name] ?? [], 0.5)
  const peers = {
    wasm: extismName(boundary),
    ...(boundary === 'thread' ? { script: postMessageName } : {}),
  }
  return (['wasm', 'script'] as const).map((id) => {
    const peer = Object.hasOwn(peers, id) ? peers[id] : undefined
    return makeMeasure({
      name: `1 MiB in and out, ${id === 'wasm' ? 'wasm' : 'JavaScript'}, ${boundary}, kept state`,
      unit: 'MB/s',
      ours: rate(id),
      ...(peer === undefined ? {} : { peer: { name: peer, value: rate(peer) } }),
      ...(id === 'wasm' && boundary === 'thread' ? { least: 500, timesBetter: 5 } : {}),
    })
  })
}

/** See the file's head. */
export const measureBytes = async (): Promise<readonly Measure[]> => [
  ...(await measureBoundary('thread')),
  ...(await measureBoundary('inline')),
]
