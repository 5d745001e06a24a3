// From nothing to a result: a plugin in a process that just started, and one more in a host that is open.

import { openHost } from '@bulkhead/host'
import { runForked } from '../fork.ts'
import { median, timeOf } from '../harness.ts'
import { floors, makeMeasure, type Measure } from '../measure.ts'
import { extismName, openExtism } from '../peers/extism.ts'
import { assembleEcho, openBenchFolder, type PluginKind } from '../plugins.ts'
import type { StartTimes } from '../probes/start.ts'

const kinds: readonly PluginKind[] = ['JavaScript', 'TypeScript', 'wasm']
const processes = 3
const pluginsMore = 9

const start = async (what: string): Promise<StartTimes> => {
  const runs: StartTimes[] = []
  for (let turn = 0; turn < processes; turn++)
    runs.push(await runForked(new URL('../probes/start.ts', import.meta.url), [what]))
  return {
    loadMs: median(runs.map(({ loadMs }) => loadMs)),
    firstCallMs: median(runs.map(({ firstCallMs }) => firstCallMs)),
  }
}

const measureOneMore = async (kind: PluginKind): Promise<number> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home })
  const taken: number[] = []
  for (let index = 0; index <= pluginsMore; index++) {
    const path = await folder.write({ name: `plugin-${index}`, kind })
    taken.push(await timeOf(() => host.loadPlugin(path)))
  }
  return median(taken.slice(1))
}

const measureOneMoreExtism = async (): Promise<number> => {
  const bytes = await assembleEcho()
  const taken: number[] = []
  await using opened = new AsyncDisposableStack()
  for (let index = 0; index <= pluginsMore; index++)
    taken.push(await timeOf(async () => opened.use(await openExtism(bytes, 'thread'))))
  return median(taken.slice(1))
}

/** See the file's head. */
export const measureLoading = async (): Promise<readonly Measure[]> => {
  const name = extismName('thread')
  const extism = await start('Extism')
  const extismMore = await measureOneMoreExtism()
  const measures: Measure[] = []
  for (const kind of kinds) {
    const peerOf = (value: number) => (kind === 'wasm' ? { peer: { name, value } } : {})
    const { loadMs, firstCallMs } = await start(kind)
    measures.push(
      makeMeasure({
        name: `load in a new process (import, open, load), ${kind}, thread`,
        unit: 'ms',
        ours: loadMs,
        ...peerOf(extism.loadMs),
        most: floors.loadMs,
      }),
      makeMeasure({
        name: `first call, ${kind}, thread`,
        unit: 'ms',
        ours: firstCallMs,
        ...peerOf(extism.firstCallMs),
      }),
      makeMeasure({
        name: `load one more, ${kind}, thread`,
        unit: 'ms',
        ours: await measureOneMore(kind),
        ...peerOf(extismMore),
        most: floors.loadMs,
      }),
    )
  }
  return measures
}
