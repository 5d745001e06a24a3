// In a process of its own: loads a thousand plugins, no two alike, and looks at this process's memory and CPU time.

import { setTimeout as sleep } from 'node:timers/promises'
import { openHost } from '@bulkhead/host'
import { answerParent } from '../fork.ts'
import { idleCpuPercent, settledMemoryMiB } from '../memory.ts'
import { openBenchFolder, type PluginKind, smallInput } from '../plugins/folder.ts'
import { sized } from '../quick.ts'

/** What it answers: of the whole process. */
export interface Thousand {
  readonly loadedMiB: number
  readonly idleCpuPercent: number
  /** Mean wall time to load one plugin. */
  readonly loadMs: number
  /** After each was called once. */
  readonly calledMiB: number
}

const idleMs = 3000

const [kind = '', count = ''] = process.argv.slice(2)
const plugins = Number(count)
await using opened = new AsyncDisposableStack()
const folder = opened.use(await openBenchFolder())
const paths: string[] = []
for (let index = 0; index < plugins; index++)
  paths.push(await folder.write({ name: `plugin-${index}`, kind: kind as PluginKind, mark: `plugin ${index}` }))
const host = opened.use(
  await openHost({
    home: folder.home,
    cache: { maxPlugins: 2 * plugins },
    policy: { boundary: 'thread' },
  }),
)
const startedAt = performance.now()
for (const path of paths) await host.loadPlugin(path)
const loadMs = (performance.now() - startedAt) / plugins
const loadedMiB = await settledMemoryMiB()
// What the last plugins left to be done is done before the look.
await sleep(500)
const idle = await idleCpuPercent(sized(idleMs, 500))
for (let index = 0; index < plugins; index++) await host.call(`plugin-${index}`, 'echo', smallInput)
const answer: Thousand = { loadedMiB, idleCpuPercent: idle, loadMs, calledMiB: await settledMemoryMiB() }
await answerParent(answer)
