// From nothing to a result: a plugin in a process that just started, and one more in a host that is open.

import { openHost } from '@bulkhead/host'
import { runForked } from '../fork.ts'
import { median, timeOf } from '../harness.ts'
import { compare, floors, type Measure } from '../measure.ts'
import { openExtism } from '../peers/extism.ts'
import { peerNames } from '../peers/names.ts'
import { openBenchFolder, type PluginKind } from '../plugins/folder.ts'
import { assembleEcho } from '../plugins/modules.ts'
import type { StartTimes } from '../probes/start.ts'
import { sized } from '../quick.ts'

const kinds: readonly PluginKind[] = ['JavaScript', 'TypeScript', 'wasm']
const processes = 3
const pluginsMore = 9
const targets = [{ below: floors.loadMs }]

const start = async (what: string): Promise<StartTimes> => {
  const runs: StartTimes[] = []
  for (let turn = 0; turn < sized(processes, 1); turn++)
    runs.push(await runForked(new URL('../probes/start.ts', import.meta.url), [what]))
  return {
    loadMs: median(runs.map(({ loadMs }) => loadMs)),
    firstCallMs: median(runs.map(({ firstCallMs }) => firstCallMs)),
  }
}

const measureOneMore = async (kind: PluginKind): Promise<number> => {
  await using folder = await openBenchFolder()
  await using host = await openHost({ home: folder.home, policy: { boundary: 'thread' } })
  const taken: number[] = []
  for (let index = 0; index <= sized(pluginsMore, 2); index++) {
    const path = await folder.write({ name: `plugin-${index}`, kind, mark: `plugin ${index}` })
    taken.push(await timeOf(() => host.loadPlugin(path)))
  }
  return median(taken.slice(1))
}

const measureOneMoreExtism = async (): Promise<number> => {
  const taken: number[] = []
  await using opened = new AsyncDisposableStack()
  for (let index = 0; index <= sized(pluginsMore, 2); index++) {
    const bytes = await assembleEcho(`plugin ${index}`)
    taken.push(await timeOf(async () => opened.use(await openExtism(bytes, 'thread'))))
  }
  return median(taken.slice(1))
}

/** See the file's head. */
export const measureLoading = async (): Promise<readonly Measure[]> => {
  const extism = await start('Extism')
  const extismMore = await measureOneMoreExtism()
  const measures: Measure[] = []
  for (const kind of kinds) {
    const peersOf = (figure: number) => (kind === 'wasm' ? { peers: { [peerNames.extismThread]: figure } } : {})
    const { loadMs, firstCallMs } = await start(kind)
    const name = `load in a new process (import, open, load), ${kind}, thread`
    measures.push(
      ...compare({ name, unit: 'ms', ours: loadMs, ...peersOf(extism.loadMs), targets }),
      ...compare({
        name: `first call in a new process, ${kind}, thread`,
        unit: 'ms',
        ours: firstCallMs,
        ...peersOf(extism.firstCallMs),
      }),
      ...compare({
        name: `load one more, ${kind}, thread`,
        unit: 'ms',
        ours: await measureOneMore(kind),
        ...peersOf(extismMore),
        targets,
      }),
    )
  }
  return measures
}
