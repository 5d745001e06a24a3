// In a process that just started: the time from the first import to a loaded plugin, and of its first call.

import { answerParent } from '../fork.ts'
import { openBenchFolder, type PluginKind, smallInput } from '../plugins/folder.ts'
import { assembleEcho } from '../plugins/modules.ts'

/** What it answers. */
export interface StartTimes {
  readonly loadMs: number
  readonly firstCallMs: number
}

const [what = ''] = process.argv.slice(2)
await using folder = await openBenchFolder()

const startExtism = async (): Promise<StartTimes> => {
  const bytes = await assembleEcho()
  const startedAt = performance.now()
  const { openExtism } = await import('../peers/extism.ts')
  await using plugin = await openExtism(bytes, 'thread')
  const loadedAt = performance.now()
  await plugin.call('echo', JSON.stringify(smallInput))
  return { loadMs: loadedAt - startedAt, firstCallMs: performance.now() - loadedAt }
}

const startOurs = async (): Promise<StartTimes> => {
  const path = await folder.write({ name: 'echo', kind: what as PluginKind })
  const startedAt = performance.now()
  const { openHost } = await import('@bulkhead/host')
  await using host = await openHost({ home: folder.home, policy: { boundary: 'thread' } })
  await host.loadPlugin(path)
  const loadedAt = performance.now()
  await host.call('echo', 'echo', smallInput)
  return { loadMs: loadedAt - startedAt, firstCallMs: performance.now() - loadedAt }
}

await answerParent(what === 'Extism' ? await startExtism() : await startOurs())
