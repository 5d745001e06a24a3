// In a process of its own: makes instances of one plugin that stay, each for another user, and looks at this process's
// memory. Answers what each takes, MiB.

import { readFile } from 'node:fs/promises'
import { openHost } from '@bulkhead/host'
import { answerParent } from '../fork.ts'
import { settledMemoryMiB } from '../memory.ts'
import { openExtism } from '../peers/extism.ts'
import { openBenchFolder, type PluginKind, type PluginToWrite, smallInput } from '../plugins/folder.ts'
import { sized } from '../quick.ts'

/** As many as a plugin keeps for different users. */
const instances = 30
/** Each has a thread. */
const peerInstances = 10

type Make = (index: number) => Promise<unknown>

const [what = '', path = ''] = process.argv.slice(2)
await using opened = new AsyncDisposableStack()

const openPeer = async (): Promise<Make> => {
  const bytes = new Uint8Array(await readFile(path))
  return async () => opened.use(await openExtism(bytes, 'thread')).call('echo', JSON.stringify(smallInput))
}

const openOurs = async (): Promise<Make> => {
  const folder = opened.use(await openBenchFolder())
  const host = opened.use(await openHost({ home: folder.home, policy: { boundary: 'thread' } }))
  const kind: PluginKind = what === 'large' ? 'wasm' : 'JavaScript'
  const source: PluginToWrite['source'] = what === 'large' ? 'large' : 'echo'
  const { id } = await host.loadPlugin(await folder.write({ name: 'plugin', kind, source, keepsState: true }))
  return (index) => host.call(id, 'echo', smallInput, { user: `user ${index}` })
}

const make = what === 'Extism' ? await openPeer() : await openOurs()
const count = sized(what === 'Extism' ? peerInstances : instances, 5)
await make(0)
const before = await settledMemoryMiB()
for (let index = 1; index <= count; index++) await make(index)
await answerParent(((await settledMemoryMiB()) - before) / count)
