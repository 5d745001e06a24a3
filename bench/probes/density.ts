// In a process of its own: loads twenty plugins of one kind, and looks at this process's memory and CPU time.

import { openHost } from '@bulkhead/host'
import { answerParent } from '../fork.ts'
import { idleCpuPercent, settledMemoryMiB } from '../memory.ts'
import { openExtism } from '../peers/extism.ts'
import { openBenchFolder, type PluginKind, smallInput } from '../plugins/folder.ts'
import { assembleEcho } from '../plugins/modules.ts'
import { sized } from '../quick.ts'

/** What it answers: each plugin's share of the growth, and CPU time as a share of one core. */
export interface Density {
  readonly loadedMiB: number
  readonly calledMiB: number
  readonly idleCpuPercent: number
}

const plugins = 20
const callsEach = 20
const idleMs = 3000

type Call = () => Promise<unknown>

/** The first plugin brings what all share; it is loaded and called before the first look. */
const measure = async (load: (index: number) => Promise<Call>): Promise<Density> => {
  await (await load(0))()
  const before = await settledMemoryMiB()
  const calls: Call[] = []
  for (let index = 1; index <= plugins; index++) calls.push(await load(index))
  const loaded = await settledMemoryMiB()
  const idle = await idleCpuPercent(sized(idleMs, 500))
  for (const call of calls) for (let turn = 0; turn < callsEach; turn++) await call()
  const called = await settledMemoryMiB()
  return { loadedMiB: (loaded - before) / plugins, calledMiB: (called - before) / plugins, idleCpuPercent: idle }
}

const [what = ''] = process.argv.slice(2)
await using opened = new AsyncDisposableStack()
const folder = opened.use(await openBenchFolder())

const extismLoader = async (): Promise<(index: number) => Promise<Call>> => {
  const bytes = await assembleEcho()
  return async () => {
    const plugin = opened.use(await openExtism(bytes, 'thread'))
    return () => plugin.call('echo', JSON.stringify(smallInput))
  }
}

const ourLoader = async (): Promise<(index: number) => Promise<Call>> => {
  const host = opened.use(await openHost({ home: folder.home, policy: { boundary: 'thread' } }))
  return async (index) => {
    const { id } = await host.loadPlugin(await folder.write({ name: `plugin-${index}`, kind: what as PluginKind }))
    return () => host.call(id, 'echo', smallInput)
  }
}

await answerParent(await measure(what === 'Extism' ? await extismLoader() : await ourLoader()))
